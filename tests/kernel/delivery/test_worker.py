"""The delivering loop against a partner of ours: crashes, dead and slow partners, lost answers, a stop."""

import asyncio
from collections.abc import Sequence

from services.domain.events import Event, TaskDelivered
from services.kernel.delivery import operate
from services.kernel.messages import CallFailed, Delivery
from tests.kernel.cells import statements_of, until
from tests.kernel.delivery.desk import Desk, delivered
from tests.kernel.delivery.partner import Partner, deliveries, pass_time, running

BROKEN = CallFailed("http_503", status=503)
LOST = CallFailed("timeout", lost=True)


async def states(desk: Desk, keys: Sequence[str]) -> set[str]:
    return {(await desk.row(key)).state for key in keys}


async def test_a_commit_wakes_the_loop_and_the_request_is_delivered_at_once(
    desk: Desk, partner: Partner
) -> None:
    async with running(deliveries(desk, partner)):
        await asyncio.sleep(0.05)
        key = await desk.open()
        await until(lambda: partner.effects[key], seconds=1)
        await until(lambda: desk.said(TaskDelivered), seconds=1)
    assert await states(desk, [key]) == {"delivered"}


async def test_the_try_is_written_down_before_the_caller_runs(desk: Desk, partner: Partner) -> None:
    seen: list[tuple[int, str | None]] = []

    async def take(delivery: Delivery) -> Sequence[Event]:
        seen.extend((row.fence, row.outcome) for row in await desk.attempts(delivery.key))
        return await partner.take(delivery)

    async with running(deliveries(desk, partner, take=take)):
        await desk.open()
        await until(lambda: partner.tries)
    assert seen == [(1, None)]


async def test_a_dead_partner_does_not_delay_another(desk: Desk, partner: Partner) -> None:
    partner.slow["gulou"] = asyncio.Event()
    async with running(deliveries(desk, partner, most=12)):
        stuck = [await desk.open("gulou") for _ in range(20)]
        fine = [await desk.open("xuanwu") for _ in range(20)]
        await until(lambda: all(partner.effects[key] for key in fine), seconds=5)
        assert partner.busy["gulou"] == 4
        partner.slow["gulou"].set()
        await until(lambda: all(partner.effects[key] for key in stuck), seconds=5)
    assert partner.most_busy["gulou"] == 4


async def test_a_failing_partner_is_left_in_peace_and_served_when_it_is_well(
    desk: Desk, partner: Partner
) -> None:
    partner.ill["gulou"] = BROKEN
    worker = deliveries(desk, partner)
    async with running(worker):
        keys = [await desk.open() for _ in range(12)]
        await until(lambda: len(partner.tries) >= 5)
        await pass_time(desk, worker, seconds=20)
        tries = len(partner.tries)
        assert tries <= 8  # the five that opened it, and what was under way
        partner.ill.clear()
        await pass_time(desk, worker, seconds=30)
        for _ in range(4):
            await pass_time(desk, worker, seconds=5)
        await until(lambda: all(partner.effects[key] == 1 for key in keys), seconds=5)
    assert await states(desk, keys) == {"delivered"}


async def test_a_stop_lets_calls_under_way_end_and_starts_no_more(desk: Desk, partner: Partner) -> None:
    partner.slow["gulou"] = asyncio.Event()
    stop = asyncio.Event()
    task = asyncio.create_task(deliveries(desk, partner).run(stop))
    keys = [await desk.open() for _ in range(6)]
    await until(lambda: partner.busy["gulou"] == 4)
    stop.set()
    partner.slow["gulou"].set()
    await task
    done = [(await desk.row(key)).state for key in keys]
    assert sorted(done) == ["delivered"] * 4 + ["pending"] * 2


async def test_a_stop_does_not_wait_for_ever(desk: Desk, partner: Partner) -> None:
    partner.slow["gulou"] = asyncio.Event()
    async with asyncio.timeout(5), running(deliveries(desk, partner)):
        key = await desk.open()
        await until(lambda: partner.busy["gulou"])
    assert await states(desk, [key]) == {"sending"}


async def test_nothing_is_asked_of_the_database_while_nothing_is_due(desk: Desk, partner: Partner) -> None:
    async with running(deliveries(desk, partner)):
        await desk.open()
        await until(lambda: desk.said(TaskDelivered))
        await asyncio.sleep(0.2)
        with statements_of(desk.store) as statements:
            await asyncio.sleep(1)
        assert statements == []


async def test_an_operator_retries_what_had_ended(desk: Desk, partner: Partner) -> None:
    partner.ill["gulou"] = CallFailed("unsealable", permanent=True)
    worker = deliveries(desk, partner)
    async with running(worker):
        key = await desk.open()
        await until(lambda: desk.is_in(key, "refused"))
        row = await desk.row(key)
        partner.ill.clear()
        assert await desk.store.run(lambda tx: operate.retry_now(tx, row.id))
        worker.wake()
        await until(lambda: desk.is_in(key, "delivered"))
    assert partner.tried(key) == [1, 2]
    assert delivered(partner.tries[-1], desk.clock()).task == key
