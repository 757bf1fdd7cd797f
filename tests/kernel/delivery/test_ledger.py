"""Settling: what a try's answer makes of a delivery and of its destination."""

from services.domain.events import TaskDelivered
from services.kernel.delivery.destinations import destination_of
from services.kernel.delivery.ledger import last_answer, settle_failure, settle_success
from services.kernel.delivery.standing import LEDGER
from services.kernel.messages import CallFailed
from services.kernel.store import Tx
from tests.kernel.cells import statements_of
from tests.kernel.delivery.desk import KINDS, Desk, delivered, fail, try_and_fail

BROKEN = CallFailed("http_503", status=503)
REFUSED = CallFailed("http_422", permanent=True, status=422)


async def test_a_success_closes_the_try_and_its_events_leave_with_it(desk: Desk) -> None:
    key = await desk.open()
    [delivery] = await desk.sends()
    fact = delivered(delivery, desk.clock())
    assert await desk.store.run(lambda tx: settle_success(tx, delivery, [fact]))
    assert not await desk.store.run(lambda tx: settle_success(tx, delivery, [fact]))
    row, [attempt] = await desk.row(key), await desk.attempts(key)
    assert (row.state, attempt.outcome) == ("delivered", "delivered")
    assert len(await desk.said(TaskDelivered)) == 1


async def test_a_failed_try_comes_again_within_its_step(desk: Desk) -> None:
    key = await desk.open()
    await try_and_fail(desk, BROKEN, seconds=0)
    row, [attempt] = await desk.row(key), await desk.attempts(key)
    assert (row.state, row.status, row.reason) == ("pending", 503, "http_503")
    assert 0 <= (row.due_at - desk.clock()).total_seconds() <= 5
    assert (attempt.outcome, attempt.status) == ("failed", 503)
    desk.clock.forward(seconds=5)
    [again] = await desk.sends()
    assert (again.key, again.fence, again.attempt) == (key, 2, 2)


async def test_the_partners_retry_after_is_honoured(desk: Desk) -> None:
    key = await desk.open()
    await try_and_fail(desk, CallFailed("http_429", status=429, retry_after=90_000), seconds=0)
    assert ((await desk.row(key)).due_at - desk.clock()).total_seconds() == 3600


async def test_five_failures_open_the_circuit_then_one_probe_goes_and_closes_it(desk: Desk) -> None:
    for _ in range(6):
        await desk.open()
    for delivery in [*await desk.sends(), *await desk.sends()]:
        await fail(desk, delivery, BROKEN)
    [fifth] = (await desk.claim(limit=1)).sends
    await fail(desk, fifth, BROKEN)
    desk.clock.forward(seconds=29)
    found = await desk.claim()
    assert found.sends == []
    assert found.next_at is not None
    assert (found.next_at - desk.clock()).total_seconds() == 1
    desk.clock.forward(seconds=1)
    [probe] = await desk.sends()
    assert await desk.sends() == []
    await desk.store.run(lambda tx: settle_success(tx, probe, ()))
    assert len(await desk.sends()) == 4


async def test_refusals_do_not_open_the_circuit(desk: Desk) -> None:
    for _ in range(8):
        await desk.open()
    for _ in range(2):
        for delivery in await desk.sends():
            await fail(desk, delivery, REFUSED)
    seen = await desk.store.run(lambda tx: destination_of(tx, "gulou"))
    assert (seen.failures, seen.open_until) == (0, None)


async def test_a_give_up_can_say_what_the_partner_answered_last(desk: Desk) -> None:
    await desk.open()
    [delivery] = await desk.sends()
    await fail(desk, delivery, REFUSED)
    assert await desk.store.run(lambda tx: last_answer(tx, delivery)) == (422, "http_422")


async def test_a_group_of_settles_counts_every_one_and_writes_its_destination_once(desk: Desk) -> None:
    for _ in range(4):
        await desk.open()
    sends = await desk.sends()

    def settle(tx: Tx) -> None:
        for delivery in sends:
            settle_failure(tx, KINDS, delivery, BROKEN)

    with statements_of(desk.store) as statements:
        await desk.store.run(settle, *(LEDGER.want(delivery.id) for delivery in sends))
    assert sum("UPDATE destination" in statement for statement in statements) == 1
    assert sum("FROM delivery" in statement for statement in statements) == 1
    seen = await desk.store.run(lambda tx: destination_of(tx, "gulou"))
    assert (seen.failures, seen.recent) == (4, "----")
