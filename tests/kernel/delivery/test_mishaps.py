"""What goes wrong around a call: crashes, lost answers, bugs of ours. Nothing is lost, nothing doubled."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.domain.events import Event, TaskDelivered, TaskUndeliverable
from services.kernel.delivery import schedule
from services.kernel.messages import CallFailed, Delivery
from services.kernel.store import Tx
from tests.kernel.cells import until
from tests.kernel.delivery.desk import Desk, SendText
from tests.kernel.delivery.partner import Partner, deliveries, pass_time, running

BROKEN = CallFailed("http_503", status=503)
LOST = CallFailed("timeout", lost=True)


async def states(desk: Desk, keys: Sequence[str]) -> set[str]:
    return {(await desk.row(key)).state for key in keys}


async def test_a_crash_between_send_and_settle_sends_the_same_key_with_the_next_fence(
    desk: Desk, partner: Partner
) -> None:
    async def take_and_die(delivery: Delivery) -> Sequence[Event]:
        await partner.take(delivery)
        await asyncio.Event().wait()
        raise AssertionError

    dying = asyncio.create_task(deliveries(desk, partner, take=take_and_die).run(asyncio.Event()))
    key = await desk.open()
    await until(lambda: partner.effects[key])
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert await states(desk, [key]) == {"sending"}
    await desk.begin_again()
    async with running(deliveries(desk, partner)):
        await until(lambda: partner.effects[key] == 2)
    assert partner.tried(key) == [1, 2]
    assert [row.outcome for row in await desk.attempts(key)] == ["lost", "delivered"]
    assert len(await desk.said(TaskDelivered)) == 1


async def test_a_lease_that_is_nearly_over_is_not_used(desk: Desk, partner: Partner) -> None:
    key = await desk.open()
    [delivery] = await desk.sends()
    desk.clock.forward(seconds=36)
    assert not await deliveries(desk, partner).calls.send(delivery)
    assert partner.tried(key) == []


@pytest.mark.parametrize(("answer", "sends"), [("delivered", 1), ("absent", 2)])
async def test_a_lost_answer_is_asked_about_before_anything_is_sent_again(
    desk: Desk, partner: Partner, answer: str, sends: int
) -> None:
    ask_after = schedule.ASK_AFTER.total_seconds()
    partner.ill["gateway"] = LOST
    worker = deliveries(desk, partner)
    async with running(worker):
        key = await desk.open("gateway", SendText)
        await until(lambda: partner.tries)
        partner.ill.clear()
        partner.answers[key] = answer
        await until(lambda: desk.is_in(key, "unknown"))
        await pass_time(desk, worker, seconds=ask_after - 1)
        assert partner.asked == []
        await pass_time(desk, worker, seconds=1)
        await until(lambda: desk.is_in(key, "delivered"))
    assert partner.asked == [key]
    assert len(partner.tries) == sends


async def test_a_call_that_hangs_is_a_lost_answer(desk: Desk, partner: Partner) -> None:
    partner.slow["gateway"] = asyncio.Event()
    async with running(deliveries(desk, partner, call_timeout=0.05)):
        key = await desk.open("gateway", SendText)
        await until(lambda: desk.is_in(key, "unknown"))
    assert (await desk.row(key)).reason == "timeout"


async def test_a_bug_in_a_caller_is_named_by_its_class_and_tried_again(desk: Desk, partner: Partner) -> None:
    async def take(delivery: Delivery) -> Sequence[Event]:
        raise KeyError("13912345678")

    async with running(deliveries(desk, partner, take=take)):
        key = await desk.open()
        await until(lambda: desk.is_in(key, "pending") if desk.keys else False)
        await until(lambda: desk.because(key, "KeyError"))


async def test_events_that_our_own_handler_refuses_are_not_lost_but_tried_again(
    desk: Desk, partner: Partner
) -> None:
    def refuse(_event: Event, _tx: Tx) -> list[Event]:
        raise ValueError("no")

    desk.store.hearing = {TaskDelivered: refuse}
    worker = deliveries(desk, partner)
    async with running(worker):
        key = await desk.open()
        await until(lambda: desk.because(key, "ValueError"))
        desk.store.hearing = {}
        await pass_time(desk, worker, seconds=5)
        await until(lambda: desk.is_in(key, "delivered"))
    assert len(await desk.said(TaskDelivered)) == 1


async def test_a_person_hears_once_when_time_runs_out(desk: Desk, partner: Partner) -> None:
    partner.ill["gulou"] = BROKEN
    worker = deliveries(desk, partner)
    async with running(worker):
        key = await desk.open(give_up_at=desk.clock() + timedelta(hours=3))
        for _ in range(8):
            await pass_time(desk, worker, minutes=30)
        await until(lambda: desk.is_in(key, "expired"))
    [body] = await desk.said(TaskUndeliverable)
    assert json.loads(body)["reason"] == "given_up"
