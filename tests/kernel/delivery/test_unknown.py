"""A lost answer: ask before sending again, for a day; then a person finds out."""

from dataclasses import replace
from datetime import timedelta

from services.domain.events import TaskDelivered
from services.kernel.delivery.destinations import destination_of
from services.kernel.delivery.ledger import resolve_unknown
from services.kernel.messages import CallFailed, Delivery
from tests.kernel.delivery.desk import (
    KINDS,
    Desk,
    SendText,
    delivered,
    fail,
    look,
    reasons,
    try_and_fail,
)

LOST = CallFailed("timeout", lost=True)


async def lose(desk: Desk) -> tuple[str, Delivery]:
    """A text whose answer was lost, and the question about it, claimed."""
    key = await desk.open(kind=SendText)
    [delivery] = await desk.sends()
    assert await fail(desk, delivery, LOST)
    assert (await desk.row(key)).state == "unknown"
    desk.clock.forward(minutes=5)
    [question] = (await desk.claim()).asks
    return key, question


async def resolve(desk: Desk, question: Delivery, answer: str) -> bool:
    return await desk.store.run(lambda tx: resolve_unknown(tx, KINDS, question, answer))


async def test_an_unknown_one_that_arrived_is_delivered_without_a_second_send(desk: Desk) -> None:
    key, question = await lose(desk)
    fact = delivered(question, desk.clock())
    assert await desk.store.run(lambda tx: resolve_unknown(tx, KINDS, question, [fact]))
    row = await desk.row(key)
    assert (row.state, row.attempts) == ("delivered", 1)
    assert len(await desk.said(TaskDelivered)) == 1
    assert not await resolve(desk, question, "absent")


async def test_an_unknown_one_that_is_absent_is_sent_again_at_once(desk: Desk) -> None:
    key, question = await lose(desk)
    assert await resolve(desk, question, "absent")
    [again] = await desk.sends()
    assert (again.key, again.attempt) == (key, 2)


async def test_an_absent_one_that_may_still_arrive_is_asked_about_once_more_before_it_is_sent(
    desk: Desk,
) -> None:
    """Found by `yikou chaos --stack scaled --seed 5`: a slow gateway held one, and had it twice."""
    kinds = replace(KINDS, arrives_within=timedelta(seconds=30))
    key = await desk.open(kind=SendText)
    [delivery] = await desk.sends()
    assert await fail(desk, delivery, LOST)
    desk.clock.forward(seconds=10)
    [question] = (await desk.claim()).asks
    assert await desk.store.run(lambda tx: resolve_unknown(tx, kinds, question, "absent"))
    desk.clock.forward(seconds=19)
    early = await desk.claim()
    assert (early.sends, early.asks) == ([], [])
    desk.clock.forward(seconds=1)
    [once_more] = (await desk.claim()).asks
    assert await desk.store.run(lambda tx: resolve_unknown(tx, kinds, once_more, "absent"))
    [again] = await desk.sends()
    assert (again.key, again.attempt) == (key, 2)


async def test_an_unknown_one_is_asked_about_for_a_day_and_then_a_person_finds_out(desk: Desk) -> None:
    key, question = await lose(desk)
    for _ in range(40):
        assert await resolve(desk, question, "unknown")
        desk.clock.forward(hours=1)
        found = await desk.claim()
        if found.overdue:
            break
        [question] = found.asks
    assert await resolve(desk, found.asks[0], "unknown")
    await look(desk)
    assert ((await desk.row(key)).state, await reasons(desk)) == ("dead", ["unknown"])


async def test_a_process_that_was_down_asks_again_as_soon_as_after_a_first_question(desk: Desk) -> None:
    """Found by `yikou chaos --seed 20260922`: a text waited as long again as we had been down."""
    key, question = await lose(desk)
    desk.clock.forward(hours=3)
    assert await resolve(desk, question, "unknown")
    assert ((await desk.row(key)).due_at - desk.clock()).total_seconds() <= 20


async def test_without_anybody_to_ask_a_lost_answer_is_tried_again_with_the_same_key(desk: Desk) -> None:
    key = await desk.open()
    await try_and_fail(desk, LOST)
    assert [d.key for d in await desk.sends()] == [key]


async def test_a_question_without_an_answer_counts_against_the_destination(desk: Desk) -> None:
    _, question = await lose(desk)
    await desk.store.run(lambda tx: resolve_unknown(tx, KINDS, question, "unknown", LOST))
    seen = await desk.store.run(lambda tx: destination_of(tx, "gulou"))
    assert seen.failures == 2


async def test_an_absent_one_whose_deadline_has_passed_is_not_sent_again(desk: Desk) -> None:
    key = await desk.open(kind=SendText, give_up_at=desk.clock.at.replace(minute=2))
    [delivery] = await desk.sends()
    assert await fail(desk, delivery, LOST)
    desk.clock.forward(minutes=5)
    found = await desk.claim()
    assert await resolve(desk, found.asks[0], "absent")
    assert ((await desk.row(key)).state, await reasons(desk)) == ("expired", ["given_up"])
