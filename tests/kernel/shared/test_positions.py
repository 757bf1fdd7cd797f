"""Two consumers of one service: whatever both hold, is applied once, in order, and nothing falls back."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import bindparam, func, select

from services.domain.events import AnswerGiven
from services.kernel import outbox, parked
from services.kernel.eventlog import Record
from services.kernel.replay import replay_due
from services.kernel.sql import Sql
from tests.kernel.cells import Clock
from tests.kernel.ears import Ears, said
from tests.places import Server

SLEEP = Sql({"postgresql": select(func.pg_sleep(bindparam("seconds")))})


@pytest.fixture
async def both(server: Server) -> AsyncIterator[tuple[Ears, Ears]]:
    """A process and another of the same service, by one clock."""
    clock = Clock()
    one, other = Ears(server, 1, clock), Ears(server, 2, clock)
    for ears in (one, other):
        await ears.store.start()
        ears.store.hearing = {AnswerGiven: ears.hear}
    yield one, other
    for ears in (one, other):
        await ears.store.close()


def batch(cases: int, first: int, last: int) -> list[Record]:
    return [said(f"{n}-{seq}", seq, UUID(int=n)) for seq in range(first, last + 1) for n in range(1, cases)]


async def test_a_batch_that_two_consumers_hold_is_applied_once(both: tuple[Ears, Ears]) -> None:
    one, other = both
    for first in (1, 4, 7):
        await asyncio.gather(
            one.apply(*batch(40, first, first + 2)), other.apply(*batch(40, first, first + 2))
        )
    heard = await one.names()
    assert Counter(heard) == Counter(record_name(r) for r in batch(40, 1, 9))
    for n in range(1, 40):
        assert [name for name in heard if name.startswith(f"{n}-")] == [f"{n}-{seq}" for seq in range(1, 10)]
    said_back = await one.store.read(lambda look: outbox.unpublished(look, "router", 5000))
    assert Counter(Counter(r.case_id for r in said_back).values()) == {9: 39}
    assert await one.parked() == []


def record_name(record: Record) -> str:
    return str(AnswerGiven.model_validate_json(record.body).by)


async def test_a_consumer_that_lost_its_cases_applies_nothing_of_its_old_batch(
    both: tuple[Ears, Ears],
) -> None:
    zombie, owner = both
    await zombie.apply(said("a", 1), said("b", 2))
    await owner.apply(said("b", 2), said("c", 3), said("d", 4))
    await zombie.apply(said("b", 2), said("c", 3))
    await owner.apply(said("e", 5))
    await zombie.apply(said("c", 3), said("d", 4), said("e", 5), said("f", 6))
    assert await owner.names() == ["a", "b", "c", "d", "e", "f"]
    assert await owner.parked() == []


async def test_an_event_that_fails_in_two_processes_is_parked_once(both: tuple[Ears, Ears]) -> None:
    one, other = both
    one.failing = other.failing = {"a"}
    await asyncio.gather(*(ears.apply(said("a", 1), said("b", 2)) for ears in both))
    assert sorted(row.seq for row in await one.parked()) == [1, 2]


async def test_a_message_skipped_by_two_processes_moves_its_case_on_and_never_back(
    both: tuple[Ears, Ears],
) -> None:
    quick, slow = both
    quick.failing = slow.failing = {"b"}
    await quick.apply(said("a", 1), said("b", 2), said("c", 3), said("d", 4))
    bad = (await quick.parked())[0]
    await quick.store.run(lambda tx: parked.order(tx, bad.id or 0, "skip", "op", "test data"))
    quick.clock.forward(seconds=2)
    busy = asyncio.create_task(slow.store.run(lambda tx: tx.all(SLEEP, seconds=0.5)))
    await asyncio.sleep(0.1)
    late = asyncio.create_task(replay_due(slow.consumer))  # it reads the list, and has to wait to write
    await asyncio.sleep(0.1)
    await replay_due(quick.consumer)
    assert await quick.names() == ["a", "c", "d"]
    await asyncio.gather(busy, late)
    await slow.apply(said("c", 3), said("d", 4), said("e", 5))
    assert await quick.names() == ["a", "c", "d", "e"]
    assert await quick.parked() == []


async def test_parked_messages_replayed_by_two_processes_are_applied_once(both: tuple[Ears, Ears]) -> None:
    one, other = both
    one.failing = other.failing = {f"{n}-1" for n in range(1, 20)}
    await one.apply(*batch(20, 1, 3))
    one.failing.clear()
    one.clock.forward(seconds=10)
    await asyncio.gather(replay_due(one.consumer), replay_due(other.consumer))
    assert Counter(await one.names()) == Counter(record_name(r) for r in batch(20, 1, 3))
    assert await one.parked() == []
