"""The outbox and its relay: numbers without holes, everything published, in order, again after a loss."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import func, select

from services.kernel import outbox
from services.kernel.eventlog import MAX_BODY, Record, RecordTooLarge
from services.kernel.outbox import Outgoing
from services.kernel.relay import Relay
from services.kernel.store import Store, Tx
from tests.kernel.cells import SEALED, START, answer, store_at, surroundings, until
from tests.places import Place


class Log:
    """A log that keeps what it is sent, and fails when it is told to."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.failing = 0

    async def append(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(0.001)
        if self.failing:
            self.failing -= 1
            self.records.extend(records[:1])  # an error does not mean "not written"
            raise ConnectionError
        self.records.extend(records)

    def distinct(self) -> list[tuple[UUID, int]]:
        return list(dict.fromkeys((record.case_id, record.seq) for record in self.records))


@pytest.fixture
async def store(place: Place):  # type: ignore[no-untyped-def]
    store = store_at(place, "desk")
    await store.start()
    yield store
    await store.close()


async def published(store: Store) -> int:
    count = select(func.count()).select_from(Outgoing).where(Outgoing.published_at != None)  # noqa: E711
    return await store.read(lambda session: session.exec(count).one())


async def write(store: Store, cases: int, each: int) -> None:
    ids = [store.around.new_id() for _ in range(cases)]
    await asyncio.gather(
        *(store.run(lambda tx, c=case: tx.put(answer(c, tx))) for _ in range(each) for case in ids)  # type: ignore[misc]
    )


@asynccontextmanager
async def relaying(store: Store, log: Log) -> AsyncIterator[None]:
    """A running relay, stopped gracefully at the end: what is committed is published by then."""
    stop, relay = asyncio.Event(), Relay(store)
    task = asyncio.create_task(relay.run(log, stop))  # type: ignore[arg-type]
    yield
    stop.set()
    relay.wake()
    await task


def assert_in_order(records: list[Record]) -> None:
    last: defaultdict[UUID, int] = defaultdict(int)
    for record in records:
        assert record.seq <= last[record.case_id] + 1
        last[record.case_id] = max(last[record.case_id], record.seq)


async def test_events_of_a_case_are_numbered_without_a_hole_whoever_writes_them(store: Store) -> None:
    await write(store, cases=5, each=20)
    rows = await store.read(lambda session: outbox.unpublished(session, "desk", 1000))
    by_case: defaultdict[UUID, list[int]] = defaultdict(list)
    for record in rows:
        by_case[record.case_id].append(record.seq)
    assert len(by_case) == 5
    assert all(seqs == list(range(1, 21)) for seqs in by_case.values())


async def test_everything_committed_is_published_once_and_in_order(store: Store) -> None:
    log = Log()
    async with relaying(store, log):
        await write(store, cases=20, each=10)
        await until(lambda: len(log.records) == 200)
    await store.run(lambda tx: None)
    assert await published(store) == 200
    assert len(log.distinct()) == 200
    assert_in_order(log.records)


async def test_a_log_that_fails_now_and_then_loses_nothing_and_keeps_the_order(store: Store) -> None:
    log = Log()
    log.failing = 5
    async with relaying(store, log):
        await write(store, cases=20, each=10)
        await until(lambda: len(log.distinct()) == 200)
    assert_in_order(log.records)


async def test_rows_of_an_earlier_life_are_published_at_the_start(place: Place) -> None:
    store = store_at(place, "desk")
    await store.start()
    await write(store, cases=3, each=2)
    await store.close()
    store, log = store_at(place, "desk"), Log()
    await store.start()
    async with relaying(store, log):
        await until(lambda: len(log.distinct()) == 6)
    await store.close()


async def test_cases_are_found_page_by_page_with_the_numbers_that_are_still_there(store: Store) -> None:
    await write(store, cases=5, each=3)
    rows = await store.read(lambda look: outbox.unpublished(look, "desk", 100))
    gone = [row for row in rows if row.seq == 1]
    await store.run(lambda tx: outbox.mark_published(tx, gone))
    assert await store.run(lambda tx: outbox.prune(tx, timedelta(0))) == 5
    first = await store.read(lambda look: outbox.spans(look, UUID(int=0), START, 3))
    last = await store.read(lambda look: outbox.spans(look, first[-1].case_id, START, 3))
    assert [(one.first, one.last) for one in (*first, *last)] == [(2, 3)] * 5
    assert [one.case_id for one in (*first, *last)] == sorted({row.case_id for row in rows})
    later = store.around.now() + timedelta(days=1)
    assert await store.read(lambda look: outbox.spans(look, UUID(int=0), later, 3)) == []
    kept = await store.read(lambda look: outbox.of_cases(look, "desk", {first[0].case_id}))
    assert kept == [row for row in rows if row.case_id == first[0].case_id and row.seq > 1]


async def test_old_published_rows_are_pruned_and_unpublished_ones_stay(store: Store) -> None:
    await write(store, cases=2, each=2)
    rows = await store.read(lambda session: outbox.unpublished(session, "desk", 10))
    await store.run(lambda tx: outbox.mark_published(tx, rows[:3]))
    assert await store.run(lambda tx: outbox.prune(tx, timedelta(0))) == 3
    assert len(await store.read(lambda session: outbox.unpublished(session, "desk", 10))) == 1


async def test_an_event_too_large_for_any_log_is_refused_when_it_is_written(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.put(answer(surroundings().new_id(), tx).model_copy(update={"text": SEALED + "x" * MAX_BODY}))

    with pytest.raises(RecordTooLarge):
        await store.run(work)


async def test_more_rows_than_memory_should_hold_are_read_from_the_table(store: Store) -> None:
    relay, log, stop = Relay(store), Log(), asyncio.Event()
    relay.feed([Record(str(n), "x", "s", UUID(int=n), n, "", b"") for n in range(6000)], 0)
    assert not relay.waiting
    await write(store, cases=10, each=10)
    task = asyncio.create_task(relay.run(log, stop))  # type: ignore[arg-type]
    await until(lambda: len(log.distinct()) == 100)
    stop.set()
    relay.wake()
    await task
