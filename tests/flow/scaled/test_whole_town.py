"""Whole towns on real servers: a case goes round on both stacks; whatever breaks, none is lost or doubled.

One module, so that each town is started once and ends with it.
"""

import asyncio
import time

import pytest

from tests.flow.cases import KINDS, body, closed, post
from tests.flow.scaled.load import NUMBERS, load
from tests.flow.scaled.town import ScaledTown, Town
from tests.kernel.cells import until

UNIT = {"wage_arrears": "inspection-", "job_assistance": "employment-", "social_help": "helpdesk-"}
ONCE = ("CaseReceived", "CaseRouted", "TaskDelivered", "TaskAccepted", "OutcomeReported", "CaseClosed")
IN_ORDER = ("CaseReceived", "CaseRouted", "TaskDelivered", "OutcomeReported", "CaseClosed")
SHARED = ("router", "inspection_adapter")
FLOW_ON = 5.0  # seconds that a case takes at most while nothing is wrong; on a busy machine


@pytest.mark.parametrize("kind", KINDS)
async def test_a_case_goes_to_its_unit_and_back_to_its_caller_and_is_closed(town: Town, kind: str) -> None:
    number, before = next(NUMBERS), await town.counts()
    given = body(number, town.districts) | {"kind": kind}
    async with town.client() as http:
        case = await post(http, f"journey-{number}", given)
        await until(lambda: closed(http, [case]), seconds=60)
        found = (await http.get(f"/api/cases/{case}")).json()
        again = await post(http, f"journey-{number}", given)
    after, unit = await town.counts(), found["routing"]["unit"]
    assert again == case
    assert unit.startswith(UNIT[kind])
    assert after[unit]["task"] == before.get(unit, {}).get("task", 0) + 1
    assert after["sms"]["message"] == before["sms"]["message"] + 2  # its number and code, then the outcome
    names = [entry["type"] for entry in found["timeline"]]
    assert [names.count(name) for name in ONCE] == [1] * len(ONCE)
    assert [name for name in names if name in IN_ORDER] == list(IN_ORDER)
    assert (names[0], names[-1]) == ("CaseReceived", "CaseClosed")


async def test_kafka_stopped_and_started_intake_goes_on_and_everything_drains(
    scaled_town: ScaledTown,
) -> None:
    kafka = scaled_town.kafka
    async with load(scaled_town) as run:
        await asyncio.sleep(3)
        for node in kafka.nodes:
            kafka.kill(node.number)
        before = len(run.accepted)
        await asyncio.sleep(6)
        meanwhile = len(run.accepted) - before
        for node in kafka.nodes:
            kafka.start(node.number)
        await asyncio.gather(*(asyncio.to_thread(kafka.wait, node.number) for node in kafka.nodes))
        back = time.monotonic()
        await run.enough()
        drained, longest = await run.drained(back), await run.longest()
        await run.check("Kafka stopped", accepted_meanwhile=meanwhile, drained=drained, longest=longest)
    assert set(run.answers) == {"201"}
    assert meanwhile > 0


async def test_postgres_killed_loses_no_acknowledged_case_and_flows_again(scaled_town: ScaledTown) -> None:
    postgres = scaled_town.postgres
    async with load(scaled_town) as run:
        await asyncio.sleep(3)
        postgres.kill()
        await asyncio.sleep(2)
        postgres.start()
        await asyncio.to_thread(postgres.wait)
        back = time.monotonic()
        flowing = await run.flowing(back)
        await asyncio.sleep(2)
        await run.enough()
        await run.check("PostgreSQL killed", flowing=flowing, drained=await run.drained(back))


async def test_one_broker_of_three_killed_loses_nothing(scaled_town: ScaledTown) -> None:
    kafka = scaled_town.kafka
    async with load(scaled_town) as run:
        await asyncio.sleep(3)
        kafka.kill(2)
        await asyncio.sleep(8)
        await run.enough()
        longest = await run.longest()
        kafka.start(2)
        await asyncio.to_thread(kafka.wait, 2)
        await run.check("one broker of three killed", longest=longest)
    assert set(run.answers) == {"201"}


async def test_replicas_added_and_killed_under_load_break_nothing(scaled_town: ScaledTown) -> None:
    async with load(scaled_town) as run:
        await asyncio.sleep(3)
        added = [scaled_town.added(service) for service in SHARED]
        await asyncio.gather(*(child.ready() for child in added))
        joined = time.monotonic()
        await asyncio.sleep(5)
        for service in SHARED:
            scaled_town.parts[service][1].kill()
        killed = time.monotonic()
        await asyncio.sleep(10)
        await run.enough()
        drained = await run.drained(killed)
        after = run.waits(since=killed)
        flowed_on = sum(wait < FLOW_ON for wait in after)
        await run.check(
            "replicas added and killed", longest_while_added=run.waits(joined, killed)[-1],
            came_after_the_kill=len(after), of_them_at_once=flowed_on, drained=drained,
        )  # fmt: skip
    assert flowed_on > 0


async def test_replicas_that_are_stopped_and_started_hand_over_at_once(scaled_town: ScaledTown) -> None:
    """As at an update: one after the other, each asked to end."""
    replaced = [scaled_town.parts[service][0] for service in SHARED]
    ends, starts = [], []
    async with load(scaled_town) as run:
        await asyncio.sleep(2)
        for child in replaced:
            began = time.monotonic()
            assert await scaled_town.stopped(child) == 0
            ends.append(time.monotonic() - began)
            began = time.monotonic()
            child.start()
            await child.ready()
            starts.append(time.monotonic() - began)
            await asyncio.sleep(2)
        await run.enough()
        await run.check(
            "replicas replaced",
            longest=await run.longest(),
            slowest_stop=max(ends),
            slowest_start=max(starts),
        )
