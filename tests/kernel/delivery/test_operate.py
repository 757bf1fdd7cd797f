"""What operators see and do, and what a call-back confirms."""

from datetime import timedelta

from services.kernel.delivery import operate
from services.kernel.delivery.erasure import erase
from services.kernel.delivery.expiry import recover
from services.kernel.delivery.ledger import settle_failure, settle_success
from services.kernel.messages import CallFailed
from tests.kernel.delivery.desk import KINDS, Desk, SendText, look, reasons

FAILED = CallFailed("unsealable", permanent=True)
LOST = CallFailed("timeout", lost=True)


async def test_the_list_shows_what_is_under_way_or_what_has_failed(desk: Desk) -> None:
    done, failed = await desk.open(), await desk.open()
    found = {delivery.key: delivery for delivery in await desk.sends()}
    waits = await desk.open()
    await desk.store.run(lambda tx: settle_success(tx, found[done], ()))
    await desk.store.run(lambda tx: settle_failure(tx, KINDS, found[failed], FAILED))
    under_way = await desk.store.read(operate.list_open)
    ended = await desk.store.read(lambda session: operate.list_open(session, failed=True))
    assert [entry.key for entry in under_way] == [waits]
    assert [(entry.key, entry.reason) for entry in ended] == [(failed, "unsealable")]


async def test_the_list_turns_pages_and_keeps_to_a_destination(desk: Desk) -> None:
    keys = [await desk.open() for _ in range(3)]
    await desk.open("xuanwu")
    page = await desk.store.read(lambda s: operate.list_open(s, destination="gulou", limit=2))
    rest = await desk.store.read(lambda s: operate.list_open(s, destination="gulou", after=page[-1].id))
    assert sorted(entry.key for entry in page + rest) == sorted(keys)


async def test_counts_tell_how_many_wait_and_since_when(desk: Desk) -> None:
    since = desk.clock()
    await desk.open()
    desk.clock.forward(minutes=3)
    await desk.open()
    await desk.open("xuanwu")
    [claimed, *_] = (await desk.claim(limit=1)).sends
    await desk.store.run(lambda tx: settle_failure(tx, KINDS, claimed, FAILED))
    found = {(c.destination, c.state): (c.rows, c.oldest) for c in await desk.store.read(operate.counts)}
    later = since + timedelta(minutes=3)
    assert found == {
        ("gulou", "refused"): (1, since),
        ("gulou", "pending"): (1, later),
        ("xuanwu", "pending"): (1, later),
    }


async def test_a_retry_of_what_is_under_way_or_delivered_is_refused(desk: Desk) -> None:
    key = await desk.open()
    row = await desk.row(key)
    [delivery] = await desk.sends()
    assert not await desk.store.run(lambda tx: operate.retry_now(tx, row.id))
    await desk.store.run(lambda tx: settle_success(tx, delivery, ()))
    assert not await desk.store.run(lambda tx: operate.retry_now(tx, row.id))


async def test_a_retry_starts_the_schedule_anew_and_needs_no_budget(desk: Desk) -> None:
    key = await desk.open()
    await desk.change(key, attempts=9, due_at=desk.clock() + timedelta(hours=4))
    row = await desk.row(key)
    assert await desk.store.run(lambda tx: operate.retry_now(tx, row.id))
    [delivery] = await desk.sends()
    assert delivery.attempt == 1


async def test_a_retry_of_an_unknown_one_asks_now(desk: Desk) -> None:
    key = await desk.open(kind=SendText)
    [delivery] = await desk.sends()
    await desk.store.run(lambda tx: settle_failure(tx, KINDS, delivery, LOST))
    row = await desk.row(key)
    assert await desk.store.run(lambda tx: operate.retry_now(tx, row.id))
    assert [d.key for d in (await desk.claim()).asks] == [key]


async def test_a_call_back_confirms_what_waits_and_voids_the_question_under_way(desk: Desk) -> None:
    key = await desk.open(kind=SendText)
    [delivery] = await desk.sends()
    assert not await desk.store.run(lambda tx: operate.confirm(tx, "gulou", key))
    await desk.store.run(lambda tx: settle_failure(tx, KINDS, delivery, LOST))
    assert await desk.store.run(lambda tx: operate.confirm(tx, "gulou", key))
    assert (await desk.row(key)).state == "delivered"
    assert not await desk.store.run(lambda tx: operate.confirm(tx, "gulou", key))


async def test_closing_and_opening_leave_the_destinations_own_limit(desk: Desk) -> None:
    await desk.store.run(lambda tx: operate.limit_destination(tx, "gulou", 9))
    await desk.store.run(lambda tx: operate.close_destination(tx, "gulou"))
    await desk.store.run(lambda tx: operate.open_destination(tx, "gulou"))
    [found] = await desk.store.read(operate.list_destinations)
    assert (found.id, found.disabled, found.max_inflight) == ("gulou", None, 9)
    for _ in range(12):
        await desk.open()
    assert len(await desk.sends()) == 9


async def test_a_new_start_takes_over_the_leases_of_the_process_before(desk: Desk) -> None:
    sent, text = await desk.open(), await desk.open(kind=SendText)
    await desk.sends()
    await desk.begin_again()
    assert await desk.store.run(recover) == 2
    assert [d.key for d in await desk.sends()] == [sent]
    assert (await desk.row(text)).state == "unknown"


async def test_what_is_called_off_is_neither_sent_nor_asked_about(desk: Desk) -> None:
    waits = await desk.open()
    assert await desk.store.run(lambda tx: operate.call_off(tx, "gulou", waits))
    assert await desk.sends() == []
    row = await desk.row(waits)
    assert row.state == "called_off"
    assert not await desk.store.run(lambda tx: operate.retry_now(tx, row.id))


async def test_what_is_called_off_under_way_has_had_its_last_try_and_nobody_is_told(desk: Desk) -> None:
    key = await desk.open()
    [delivery] = await desk.sends()
    assert not await desk.store.run(lambda tx: operate.call_off(tx, "gulou", key))
    await desk.store.run(lambda tx: settle_failure(tx, KINDS, delivery, CallFailed("http_503", status=503)))
    assert (await desk.row(key)).state == "expired"
    desk.clock.forward(hours=80)
    await look(desk)
    assert (await desk.sends(), await reasons(desk)) == ([], [])


async def test_an_erased_case_ends_and_its_requests_say_nothing_any_more(desk: Desk) -> None:
    keys = [await desk.open(), await desk.open()]
    first, second = sorted(await desk.sends(), key=lambda delivery: delivery.key)
    await desk.store.run(lambda tx: settle_failure(tx, KINDS, second, FAILED))
    for delivery in (first, second):
        await desk.store.run(lambda tx, one=delivery: erase(tx, one.request.case_id))  # type: ignore[misc]
    rows = [await desk.row(key) for key in keys]
    assert [row.state for row in rows] == ["called_off", "refused"]
    assert {row.body for row in rows} == {b"{}"}
    assert not await desk.store.run(lambda tx: settle_success(tx, first, ()))
    assert not await desk.store.run(lambda tx: operate.retry_now(tx, rows[1].id))
