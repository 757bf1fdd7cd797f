"""Claiming: who gets a place, in which order, and that it costs the same few statements for any number."""

from datetime import timedelta

from services.kernel.delivery import operate
from services.kernel.delivery.claim import claim
from services.kernel.delivery.ledger import settle_failure, settle_success
from services.kernel.delivery.outlook import next_due
from services.kernel.messages import CallFailed, Delivery
from tests.kernel.cells import statements_of
from tests.kernel.delivery.desk import KINDS, Desk, SendText


def named(deliveries: list[Delivery]) -> list[str]:
    return [delivery.key for delivery in deliveries]


async def test_a_claim_leases_numbers_and_writes_the_try_before_anything_leaves(desk: Desk) -> None:
    key = await desk.open()
    [delivery] = await desk.sends()
    row, [attempt] = await desk.row(key), await desk.attempts(key)
    assert (row.state, row.fence, row.attempts) == ("sending", 1, 1)
    assert delivery.fence == delivery.attempt == 1
    assert (row.lease_until - desk.clock()).total_seconds() == 60
    assert (attempt.fence, attempt.ended_at) == (1, None)
    assert await desk.sends() == []


async def test_no_destination_gets_more_than_its_places_and_none_waits_for_another(desk: Desk) -> None:
    busy = [await desk.open("gulou") for _ in range(10)]
    other = [await desk.open("xuanwu") for _ in range(2)]
    found = await desk.claim()
    assert sorted(named(found.sends)) == sorted(busy[:4] + other)
    assert found.crowded == {"gulou"}
    assert (await desk.claim()).sends == []


async def test_a_short_limit_is_shared_by_turns(desk: Desk) -> None:
    for _ in range(4):
        await desk.open("gulou")
    await desk.open("xuanwu")
    assert {delivery.destination for delivery in (await desk.claim(limit=2)).sends} == {"gulou", "xuanwu"}


async def test_urgent_ones_go_first_however_long_others_wait(desk: Desk) -> None:
    for _ in range(5):
        await desk.open()
    desk.clock.forward(minutes=1)
    urgent = await desk.open(urgent=True)
    assert named(await desk.sends())[0] == urgent


async def test_an_ended_lease_is_sent_again_under_the_same_key_and_the_old_fence_is_void(desk: Desk) -> None:
    key = await desk.open()
    [first] = await desk.sends()
    desk.clock.forward(seconds=59)
    assert await desk.sends() == []
    desk.clock.forward(seconds=1)
    [second] = await desk.sends()
    assert (second.key, second.fence) == (key, first.fence + 1)
    assert not await desk.store.run(lambda tx: settle_success(tx, first, ()))
    assert not await desk.store.run(lambda tx: settle_failure(tx, KINDS, first, CallFailed("late")))
    assert await desk.store.run(lambda tx: settle_success(tx, second, ()))
    assert [a.outcome for a in await desk.attempts(key)] == ["lost", "delivered"]


async def test_an_ended_lease_is_asked_about_where_the_partner_can_be_asked(desk: Desk) -> None:
    key = await desk.open(kind=SendText)
    await desk.sends()
    desk.clock.forward(seconds=60)
    assert await desk.sends() == []
    assert (await desk.row(key)).state == "unknown"
    desk.clock.forward(minutes=5)
    found = await desk.claim()
    assert (named(found.asks), found.sends) == ([key], [])


async def test_a_request_for_later_waits_for_its_time(desk: Desk) -> None:
    later = desk.clock() + timedelta(hours=6)
    key = await desk.open(not_before=later)
    found = await desk.claim()
    assert (found.sends, found.next_at) == ([], later)
    desk.clock.forward(hours=6)
    assert named(await desk.sends()) == [key]


async def test_a_closed_destination_is_left_alone_until_it_is_opened(desk: Desk) -> None:
    key = await desk.open()
    await desk.store.run(lambda tx: operate.close_destination(tx, "gulou"))
    assert await desk.sends() == []
    await desk.store.run(lambda tx: operate.open_destination(tx, "gulou"))
    assert named(await desk.sends()) == [key]


async def test_a_request_of_an_unknown_kind_is_left_alone_and_blocks_nothing(desk: Desk) -> None:
    strange, key = await desk.open(), await desk.open()
    await desk.change(strange, kind="SendPigeon")
    found = await desk.claim()
    assert named(found.sends) == [key]
    row = await desk.row(strange)
    assert (row.state, row.attempts) == ("pending", 0)
    assert (row.due_at - desk.clock()).total_seconds() == 3600


async def test_retries_wait_for_the_budget_and_first_tries_do_not(desk: Desk) -> None:
    keys = [await desk.open() for _ in range(12)]
    for key in keys:
        await desk.change(key, attempts=1)
    for _ in range(3):  # the budget of a fresh destination: ten retries
        for delivery in await desk.sends():
            await desk.change(delivery.key, state="pending", due_at=desk.clock.at.replace(year=2027))
    fresh = await desk.open()
    found = await desk.claim()
    assert named(found.sends) == [fresh]
    assert found.next_at is not None
    assert 0 < (found.next_at - desk.clock()).total_seconds() <= 1
    desk.clock.forward(seconds=1)
    assert len(await desk.sends()) == 1


async def test_the_next_due_time_is_known_without_looking_at_the_ledger_again(desk: Desk) -> None:
    assert (await desk.claim()).next_at is None
    await desk.open()
    [delivery] = await desk.sends()
    await desk.store.run(
        lambda tx: settle_failure(tx, KINDS, delivery, CallFailed("http_503", status=503, retry_after=40))
    )
    found = await desk.claim()
    assert found.next_at is not None
    assert (found.next_at - desk.clock()).total_seconds() == 40
    assert await desk.store.read(lambda s: next_due(s, desk.clock())) == found.next_at


async def test_a_claim_of_dozens_of_rows_takes_a_handful_of_statements(desk: Desk) -> None:
    for place in range(15):
        for _ in range(5):
            await desk.open(f"brigade-{place}")
    await desk.claim(limit=15)  # the destinations' rows exist from here on
    with statements_of(desk.store) as statements:
        found = await desk.store.run(lambda tx: claim(tx, KINDS, 64))
    assert len(found.sends) == 45
    shapes = {statement[:30] for statement in statements}  # an insert of many rows is seen once for each
    assert len(shapes) <= 9, statements
