"""Store.run: one commit for a group, a bad unit hurts only itself, an answer only after the commit."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select
from sqlmodel import Session

from services.domain.events import AnswerGiven, CallerInformed
from services.kernel.columns import table
from services.kernel.database.url import open_database
from services.kernel.lock import Held
from services.kernel.service import KERNEL
from services.kernel.sql import Sql
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.kernel.writer import Busy
from tests.kernel.cells import START, Clock, Heard, answer, heard, informed, store_at, surroundings
from tests.places import Folder, Place

ALL = Sql(select(table(Heard).c.case_id))
HEARD = Sql(select(table(Heard).c.case_id).where(table(Heard).c.case_id == bindparam("case")))


@pytest.fixture
async def store(place: Place):  # type: ignore[no-untyped-def]
    store = store_at(place, "desk")
    await store.start()
    yield store
    await store.close()


def write(name: str):  # type: ignore[no-untyped-def]
    def work(tx: Tx) -> str:
        tx.insert(Heard, case_id=tx.new_id(), name=name)
        return name

    return work


def fail(tx: Tx) -> None:
    tx.insert(Heard, case_id=tx.new_id(), name="never")
    raise ValueError("no")


async def names(store: Store) -> list[str]:
    return [name for _, name in await heard(store)]


async def test_many_units_share_a_transaction_and_each_gets_its_own_result(store: Store) -> None:
    instants: set[object] = set()

    def unit(n: int, tx: Tx) -> int:
        instants.add(id(tx))
        tx.insert(Heard, case_id=tx.new_id(), name=str(n))
        return n

    results = await asyncio.gather(*(store.run(lambda tx, n=n: unit(n, tx)) for n in range(200)))  # type: ignore[misc]
    assert results == list(range(200))
    assert len(await names(store)) == 200
    assert len(instants) < 100


async def test_a_unit_that_fails_hurts_only_itself(store: Store) -> None:
    work = [write("a"), fail, write("b"), fail, write("c")]
    results = await asyncio.gather(*(store.run(unit) for unit in work), return_exceptions=True)
    assert [r if isinstance(r, str) else type(r) for r in results] == ["a", ValueError, "b", ValueError, "c"]
    assert sorted(await names(store)) == ["a", "b", "c"]


async def test_two_units_that_collide_in_one_group_are_settled_one_after_the_other(store: Store) -> None:
    key = surroundings().new_id()

    def once(tx: Tx) -> bool:
        if tx.all(HEARD, case=key):
            return False
        tx.insert(Heard, case_id=key, name="once")
        return True

    assert sorted(await asyncio.gather(*(store.run(once) for _ in range(20)))) == [False] * 19 + [True]


async def test_the_caller_is_answered_only_after_the_commit(store: Store, place: Place) -> None:
    for n in range(20):
        await store.run(write(str(n)))
        assert place.rows("desk", "SELECT count(*) FROM heard") == [(n + 1,)]


async def test_a_caller_that_goes_away_does_not_take_its_unit_with_it(store: Store) -> None:
    task = asyncio.create_task(store.run(write("stays")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await store.run(write("after"))
    assert await names(store) == ["stays", "after"]


async def test_a_reader_cannot_write(store: Store) -> None:
    def sneak(session: Session) -> None:
        session.add(Heard(case_id=surroundings().new_id(), name="sneaked"))
        session.flush()

    with pytest.raises(Exception, match=r"(?i)read-?only"):
        await store.read(sneak)


async def test_rows_that_wait_to_be_inserted_are_seen_by_the_same_transaction(store: Store) -> None:
    def work(tx: Tx) -> int:
        tx.insert(Heard, case_id=tx.new_id(), name="x")
        return len(tx.all(ALL))

    assert await store.run(work) == 1


async def test_a_second_process_may_not_open_the_same_file(tmp_path: Path) -> None:
    first, second = (store_at(Folder(tmp_path), "desk") for _ in range(2))
    await first.start()
    with pytest.raises(Held):
        await second.start()
    for store in (first, second):
        await store.close()


async def test_a_full_queue_is_refused_instead_of_growing(store: Store) -> None:
    store._writer.capacity = 3
    results = await asyncio.gather(*(store.run(write(str(n))) for n in range(10)), return_exceptions=True)
    assert sum(isinstance(result, Busy) for result in results) == 7


async def test_a_service_hears_its_own_events_in_the_transaction_that_makes_them(place: Place) -> None:
    def told(event: AnswerGiven, tx: Tx) -> list[CallerInformed]:
        tx.insert(Heard, case_id=event.case_id, name=f"answer by {tx.source}")
        return [informed(event.case_id, tx)]

    def done(event: CallerInformed, tx: Tx) -> list[AnswerGiven]:
        tx.insert(Heard, case_id=event.case_id, name="informed")
        return []

    store = store_at(place, "intake", hearing={AnswerGiven: told, CallerInformed: done})
    await store.start()
    case = surroundings().new_id()
    await store.run(lambda tx: tx.put(answer(case, tx)))
    assert await heard(store) == [(case, "answer by intake"), (case, "informed")]
    await store.close()


async def test_what_was_deferred_is_written_before_the_store_closes(place: Place) -> None:
    store = store_at(place, "desk")
    await store.start()
    store.later(write("deferred"))
    await store.close()
    assert place.rows("desk", "SELECT name FROM heard") == [("deferred",)]


async def test_ids_are_dated_by_the_databases_clock_and_not_by_a_process_whose_clock_is_wrong(
    tmp_path: Path,
) -> None:
    """After a lost broker the services' events are put in order by their ids (chaos, scaled, seed 5)."""
    right, fast = Clock(), Clock(START + timedelta(minutes=10))
    url = f"sqlite:///{tmp_path}/desk.db"
    database = open_database(url, "desk", surroundings(clock=right))
    store = Store(url, "desk", (KERNEL,), surroundings(clock=fast), database)
    await store.start()
    made = await store.run(lambda tx: tx.new_id())
    await store.close()
    assert made.int >> 80 == int(START.timestamp() * 1000)
