"""The consumer's guard: each event once, in order, and nothing of it lost in between."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from services.domain.events import CallerInformed
from services.kernel import outbox
from services.kernel.eventlog import Entry, Record
from services.kernel.parked import DeadLetter
from tests.kernel.ears import CASE, OTHER, Ears, said
from tests.places import Place


@pytest.fixture
async def ears(place: Place) -> AsyncIterator[Ears]:
    ears = Ears(place)
    await ears.store.start()
    yield ears
    await ears.store.close()


async def test_an_event_that_comes_twice_is_applied_once(ears: Ears) -> None:
    await ears.apply(said("a", 1), said("a", 1), said("b", 2))
    await ears.apply(said("a", 1), said("b", 2), said("c", 3))
    ears.consumer = ears.fresh()
    await ears.apply(said("b", 2), said("c", 3), said("d", 4))
    assert await ears.names() == ["a", "b", "c", "d"]


async def test_what_a_handler_returns_goes_out_once(ears: Ears) -> None:
    await ears.apply(said("a", 1), said("a", 1))
    ears.consumer = ears.fresh()
    await ears.apply(said("a", 1))
    rows = await ears.store.run(lambda tx: outbox.unpublished(tx, "router", 9))
    assert [record.type for record in rows] == [CallerInformed.__name__]


async def test_an_event_ahead_of_a_missing_one_waits_for_it(ears: Ears) -> None:
    await ears.apply(said("a", 1), said("c", 3), said("x", 1, OTHER))
    assert await ears.names() == ["a", "x"]
    assert [row.why for row in await ears.parked()] == ["gap"]
    await ears.apply(said("b", 2))
    await ears.later(seconds=2)
    assert await ears.names() == ["a", "x", "b", "c"]
    await ears.apply(said("d", 4))
    assert await ears.names() == ["a", "x", "b", "c", "d"]
    assert await ears.parked() == []


async def test_bytes_without_an_envelope_become_a_dead_letter(ears: Ears) -> None:
    await ears.consumer.apply([Entry(3, 17, None, b"\xff\xfe"), Entry(3, 18, said("a", 1))])
    letters = await ears.store.read(lambda s: list(s.scalars(select(DeadLetter))))
    assert [(letter.partition, letter.offset, letter.raw) for letter in letters] == [(3, 17, b"\xff\xfe")]
    assert await ears.names() == ["a"]


async def test_an_unknown_type_is_passed_without_being_read_and_leaves_no_gap(ears: Ears) -> None:
    future = Record("f", "FromTheFuture", "intake", CASE, 1, "", b"\xff not even json")
    await ears.apply(future)
    await ears.apply(said("a", 2))
    ears.consumer = ears.fresh()
    await ears.apply(future, said("a", 2), said("b", 3))
    assert await ears.names() == ["a", "b"]


async def test_unknown_types_before_a_failing_batch_leave_no_gap_either(ears: Ears) -> None:
    await ears.apply(said("-", 1, type_="Unknown"))
    ears.failing = {"bad"}
    await ears.apply(said("a", 2), said("bad", 1, OTHER))
    await ears.apply(said("b", 3))
    assert await ears.names() == ["a", "b"]


async def test_a_service_does_not_hear_its_own_events_from_the_log(ears: Ears) -> None:
    await ears.apply(said("own", 1, source="router"))
    assert await ears.names() == []


async def test_a_full_store_queue_is_waited_for_and_never_counted_against_an_event(ears: Ears) -> None:
    ears.store._writer.capacity = 0

    async def make_room() -> None:
        await asyncio.sleep(0.2)
        ears.store._writer.capacity = 100

    room = asyncio.create_task(make_room())
    await ears.consumer._until_applied([Entry(0, 1, said("a", 1))])
    await room
    assert await ears.names() == ["a"]
    assert await ears.parked() == []
