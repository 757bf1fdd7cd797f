"""The consumer's guard: each event once and in order, a poisoned one parked with its case, others go on."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.domain.events import AnswerGiven, CallerInformed
from services.kernel import outbox, parked
from services.kernel.consume import Consumer
from services.kernel.eventlog import Entry, Record
from services.kernel.messages import Message
from services.kernel.parked import DeadLetter, Parked
from services.kernel.replay import replay_due
from services.kernel.service import Service
from services.kernel.store import Tx
from tests.kernel.cells import SEALED, Clock, Heard, heard, informed, store_at, surroundings

CASE, OTHER = UUID(int=1), UUID(int=2)


class Ears:
    """A consumer whose handler fails for the texts it is told to."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.failing: set[str] = set()
        self.store = store_at(folder, "router", surroundings(clock=self.clock))
        self.store.hearing = {}
        self.consumer = self.fresh()

    def fresh(self) -> Consumer:
        return Consumer(Service("router", self.store, {AnswerGiven: self.hear}))

    def hear(self, event: AnswerGiven, tx: Tx) -> Iterable[Message]:
        if event.by in self.failing:
            raise ValueError("张三 13900000000")
        tx.insert(Heard, case_id=event.case_id, name=str(event.by))
        return [informed(event.case_id, tx)]

    async def apply(self, *records: Record) -> None:
        await self.consumer.apply([Entry(0, n, record) for n, record in enumerate(records)])

    async def names(self) -> list[str]:
        return [name for _, name in await heard(self.store)]

    async def parked(self) -> list[Parked]:
        return await self.store.read(lambda s: list(s.scalars(select(Parked).order_by(col(Parked.id)))))

    async def later(self, **by: float) -> None:
        self.clock.forward(**by)
        await replay_due(self.consumer)


@pytest.fixture
async def ears(tmp_path: Path) -> AsyncIterator[Ears]:
    ears = Ears(tmp_path)
    await ears.store.start()
    yield ears
    await ears.store.close()


def said(
    name: str, seq: int, case: UUID = CASE, source: str = "intake", type_: str = "AnswerGiven"
) -> Record:
    event = AnswerGiven(case_id=case, at=Clock()(), by=name, text=SEALED)
    return Record(str(UUID(int=seq)), type_, source, str(case), seq, "", event.model_dump_json().encode())


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
    assert [record.type for _, record in rows] == [CallerInformed.__name__]


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
    await ears.consumer.start()
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
    bad = Record("x", "AnswerGiven", "intake", str(CASE), 1, "", b'{"case_id": 5}')
    await ears.apply(bad, said("x", 1, OTHER))
    assert [row.state for row in await ears.parked()] == ["dead"]
    assert await ears.names() == ["x"]


async def test_bytes_without_an_envelope_become_a_dead_letter(ears: Ears) -> None:
    await ears.consumer.apply([Entry(3, 17, None, b"\xff\xfe"), Entry(3, 18, said("a", 1))])
    letters = await ears.store.read(lambda s: list(s.scalars(select(DeadLetter))))
    assert [(letter.partition, letter.offset, letter.raw) for letter in letters] == [(3, 17, b"\xff\xfe")]
    assert await ears.names() == ["a"]


async def test_an_unknown_type_is_passed_without_being_read_and_leaves_no_gap(ears: Ears) -> None:
    future = Record("f", "FromTheFuture", "intake", str(CASE), 1, "", b"\xff not even json")
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
