"""Parked messages: a poisoned one holds its own case, says why, and comes back in order."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from services.kernel import parked
from services.kernel.eventlog import Record
from tests.kernel.ears import CASE, OTHER, Ears, said
from tests.places import Place


@pytest.fixture
async def ears(place: Place) -> AsyncIterator[Ears]:
    ears = Ears(place)
    await ears.store.start()
    yield ears
    await ears.store.close()


async def test_a_poisoned_event_holds_its_own_case_and_no_other(ears: Ears) -> None:
    ears.failing = {"b"}
    await ears.apply(said("a", 1), said("b", 2), said("x", 1, OTHER), said("c", 3), said("y", 2, OTHER))
    await ears.apply(said("z", 3, OTHER), said("e", 1, source="router2"))
    assert await ears.names() == ["a", "x", "y", "z"]
    assert [(row.why, row.seq) for row in await ears.parked()] == [
        ("failed", 2),
        ("behind", 3),
        ("behind", 1),
    ]


async def test_a_parked_event_says_where_it_failed_but_not_with_what_words(ears: Ears) -> None:
    ears.failing = {"a"}
    await ears.apply(said("a", 1))
    [row] = await ears.parked()
    assert row.error is not None
    assert row.error.startswith("ValueError")
    assert "139" not in row.error


async def test_after_the_fix_a_case_catches_up_in_order(ears: Ears) -> None:
    ears.failing = {"b"}
    await ears.apply(said("a", 1), said("b", 2), said("c", 3))
    await ears.later(seconds=10)
    assert [row.attempts for row in await ears.parked()] == [2, 0]
    ears.failing.clear()
    await ears.later(seconds=10)
    await ears.apply(said("d", 4))
    assert await ears.names() == ["a", "b", "c", "d"]
    assert await ears.parked() == []


async def test_a_parked_case_is_still_held_after_a_restart(ears: Ears) -> None:
    ears.failing = {"a"}
    await ears.apply(said("a", 1))
    ears.failing.clear()
    ears.consumer = ears.fresh()
    await ears.apply(said("b", 2))
    assert await ears.names() == []
    await ears.later(seconds=10)
    assert await ears.names() == ["a", "b"]


async def test_after_eight_tries_an_event_is_dead_until_an_operator_replays_it(ears: Ears) -> None:
    ears.failing = {"a"}
    await ears.apply(said("a", 1), said("b", 2))
    for _ in range(10):
        await ears.later(hours=1)
    assert [(row.state, row.attempts) for row in await ears.parked()] == [("dead", 8), ("waiting", 0)]
    ears.failing.clear()
    await ears.later(hours=1)
    assert await ears.names() == []
    [dead, _] = await ears.parked()
    assert await ears.store.run(lambda tx: parked.order(tx, dead.id or 0, "replay", "op", "fixed"))
    await ears.later(seconds=1)
    assert await ears.names() == ["a", "b"]


async def test_an_event_that_comes_before_its_cause_does_not_hold_the_cause_back(ears: Ears) -> None:
    """A lost log is filled again by each service for itself: the unit's events may come before the case."""
    ears.follows = {"outcome": "case"}
    await ears.apply(said("outcome", 1, source="unit"), said("later", 2, source="unit"))
    assert [(row.why, row.seq) for row in await ears.parked()] == [("gap", 1), ("gap", 2)]
    await ears.later(seconds=10)
    assert [row.why for row in await ears.parked()] == ["gap", "gap"]
    await ears.apply(said("case", 1))
    assert await ears.names() == ["case"]
    await ears.later(seconds=30)
    assert await ears.names() == ["case", "outcome", "later"]
    assert await ears.parked() == []


async def test_what_is_too_early_for_a_day_is_shown_to_an_operator(ears: Ears) -> None:
    ears.follows = {"outcome": "case"}
    await ears.apply(said("outcome", 1, source="unit"))
    for _ in range(1100):  # many looks: no pause is counted too large for a number
        await ears.later(minutes=2)
    [row] = await ears.parked()
    assert (row.why, row.state) == ("gap", "dead")
    assert row.error is not None
    assert row.error.startswith("TooEarly")


async def test_a_skipped_event_is_audited_and_its_case_goes_on(ears: Ears) -> None:
    ears.failing = {"a"}
    await ears.apply(said("a", 1), said("b", 2))
    [bad, _] = await ears.parked()
    await ears.store.run(lambda tx: parked.order(tx, bad.id or 0, "skip", "op 10543", "test data"))
    await ears.later(seconds=1)
    await ears.apply(said("c", 3))
    assert await ears.names() == ["b", "c"]
    audit = await ears.store.read(lambda s: list(s.scalars(select(parked.Skipped))))
    assert [(row.seq, row.by) for row in audit] == [(1, "op 10543")]


async def test_an_event_that_cannot_be_decoded_is_dead_at_once(ears: Ears) -> None:
    bad = Record("x", "AnswerGiven", "intake", CASE, 1, "", b'{"case_id": 5}')
    await ears.apply(bad, said("x", 1, OTHER))
    assert [row.state for row in await ears.parked()] == ["dead"]
    assert await ears.names() == ["x"]
