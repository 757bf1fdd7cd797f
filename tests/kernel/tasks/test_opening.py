"""Tasks are opened once, withdrawn when the case goes elsewhere, corrected, and erased."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from services.domain.events import CaseClosed, CaseCorrected, CaseErased, CaseRouted, TaskDelivered
from services.kernel.eventlog import Entry, Record
from services.kernel.store import Tx
from services.kernel.tasks.handlers import presses
from tests.kernel.cells import until
from tests.kernel.tasks.kinds import NAME, RECORD, Kind
from tests.kernel.tasks.town import Town, town
from tests.places import Place

ELSEWHERE = {"inspection": "employment", "employment": "helpdesk", "helpdesk": "inspection"}


async def hear(here: Town, event: CaseRouted) -> None:
    """The handler alone, without the log's guard before it."""
    handler = here.service.handlers[CaseRouted]

    def unit(tx: Tx) -> None:
        tx.put(*handler(event, tx))

    await here.service.store.run(unit)


async def test_without_a_system_of_its_own_a_unit_has_its_task_at_once(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        event = here.routed(district="320115")
        await here.say(event)
        await here.heard("TaskDelivered")
        [delivered] = await here.events()
        task = await here.task()
        assert isinstance(delivered, TaskDelivered)
        assert (delivered.via, delivered.task, delivered.unit) == ("worklist", task.key, kind.unit)
        assert (task.state, task.case_id, task.number) == ("delivered", event.case_id, event.number)
        assert task.delivered_at is not None
        assert await here.deliveries() == []


async def test_the_same_event_from_the_log_twice_opens_one_task(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        records = await here.say(here.routed())
        await here.heard("TaskDelivered")
        await here.log.append(records)
        await here.cell.consumer.apply([Entry(0, 99, record) for record in records])
        assert len(await here.tasks()) == 1
        assert await here.said() == ["TaskDelivered"]


async def test_the_same_decision_heard_twice_opens_one_task(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        event = here.routed()
        await hear(here, event)
        await hear(here, event)
        assert len(await here.tasks()) == 1
        await hear(here, event.model_copy(update={"at": event.at + timedelta(hours=1)}))
        assert [task.state for task in await here.tasks()] == ["withdrawn", "delivered"]


async def test_a_case_for_another_service_is_not_ours(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        other = here.routed(service=ELSEWHERE[kind.service], unit="somewhere-else")
        await here.say(other, here.routed())
        await here.heard("TaskDelivered")
        assert len(await here.tasks()) == 1


async def test_a_case_that_is_routed_elsewhere_is_withdrawn_here(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        event = here.routed()
        await here.say(event)
        await here.state("delivered")
        moved = {"service": ELSEWHERE[kind.service], "unit": "somewhere-else", "at": here.clock()}
        await here.say(event.model_copy(update=moved))
        await here.state("withdrawn")


async def test_a_case_that_comes_back_to_the_same_unit_is_a_new_task(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        event = here.routed()
        await here.say(event, event.model_copy(update={"at": event.at + timedelta(days=1), "bounces": 1}))
        await here.state("delivered", "withdrawn")
        first, second = await here.tasks()
        assert (first.state, second.state, second.bounces) == ("withdrawn", "delivered", 1)


async def test_closing_in_one_batch_with_the_decision_leaves_no_open_task(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        cases = [here.routed() for _ in range(20)]
        records = await here.say(*cases)
        closings = [CaseClosed(case_id=one.case_id, at=one.at, reason="by_agent") for one in cases[::2]]
        records += await here.say(*closings, source="intake")
        await here.cell.consumer.apply([Entry(0, n, record) for n, record in enumerate(records)])
        await here.state(*["delivered"] * 10, *["withdrawn"] * 10)


async def test_a_corrected_record_reaches_the_open_task(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        event = here.routed()
        await here.say(event)
        await here.state("delivered")
        again = here.routed(case_id=event.case_id, open_record=RECORD | {"text": "又补充：还有五个人。"})
        record = here.parts.keyring.seal(
            "task", event.case_id, "record", '{"text":"补充"}', here.parts.around.random.randbytes
        )
        corrected = CaseCorrected(case_id=event.case_id, at=again.at, changed=("record",), record=record)
        await here.say(corrected, source="intake")

        async def there() -> bool:
            return (await here.task()).record == record

        await until(there)


async def test_an_erased_case_leaves_counts_and_nothing_readable(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        event = here.routed()
        await here.say(event)
        await here.state("delivered")
        officer = await here.officer(units=[kind.unit])
        key = (await here.task()).key
        await here.http.post(
            f"/api/{kind.service}/tasks/{key}/complete", headers=officer,
            json={"outcome": "helped", "summary": f"已联系{NAME}"},
        )  # fmt: skip
        await here.say(CaseErased(case_id=event.case_id, at=here.clock()), source="intake")

        async def erased() -> bool:
            return (await here.task()).record == ""

        await until(erased)
        task = await here.task()
        assert (task.history, task.outcome, task.unit) == ("[]", "helped", kind.unit)
        shown = await here.http.get(f"/api/{kind.service}/tasks/{key}", headers=officer)
        assert (shown.status_code, shown.json()["record"]) == (200, None)


async def test_no_readable_name_phone_or_address_stands_in_the_tables(place: Place, kind: Kind) -> None:
    async with town(place, kind, "http://127.0.0.1:9") as here:
        await here.say(here.routed())
        await until(here.tasks)
        key = (await here.task()).key
        officer = await here.officer(units=[kind.unit])
        await here.http.post(
            f"/api/{kind.service}/tasks/{key}/object", headers=officer,
            json={"reason": "other", "note": f"{NAME}不住这里"},
        )  # fmt: skip
        stored = place.contents(f"{kind.service}_adapter")
    assert key.encode() in stored
    assert not [canary for canary in (NAME, "13800138000", "胜太路") if canary.encode() in stored]


@pytest.mark.parametrize(
    ("kind", "service", "presses_there"),
    [
        ("CaseRouted", "inspection", True),
        ("CaseRouted", "employment", False),
        ("CaseClosed", "", False),
        ("CaseCorrected", "", False),
        ("ClusterJoined", "", False),
    ],
)
def test_only_a_new_task_of_its_own_makes_an_adapter_hurry(
    kind: str, service: str, presses_there: bool
) -> None:
    """Every case is closed once: each would cost all adapters a transaction of its own."""
    body = json.dumps({"service": service}).encode()
    record = Record("1", kind, "router", UUID(int=1), 1, "", body)
    assert presses(record, "inspection") is presses_there
