"""Rows that two processes want at once: locked while one works, nothing lost or doubled, no knot for long."""

import asyncio
from dataclasses import dataclass

import asyncpg
import pytest
from sqlalchemy import bindparam, func, select
from sqlmodel import Field, SQLModel

from services.kernel.database.errors import Knotted, Passing
from services.kernel.database.schema import History
from services.kernel.kept import Kept
from services.kernel.sql import Sql
from services.kernel.store import Store, Tx
from tests.kernel.cells import surroundings
from tests.places import Server


class Counter(SQLModel, table=True):
    __tablename__ = "counter"
    key: str = Field(primary_key=True)
    count: int = 0


@dataclass(slots=True)
class Row:
    key: str
    count: int


HISTORY = History("counter", (Counter,))
COUNTERS = Kept(Counter, Row, key="key")
WAIT = Sql({"postgresql": select(func.pg_sleep(bindparam("seconds")))})


def count(tx: Tx, *keys: str, wait: float = 0) -> None:
    """Add one to each, one after the other, with a wait after the first."""
    for key in keys:
        row = COUNTERS.get(tx, key) or COUNTERS.add(tx, Row(key, 0))
        row.count += 1
        if wait:
            tx.all(WAIT, seconds=wait)
            wait = 0


class Two:
    """Two processes on one database, and somebody else's connection to it."""

    def __init__(self, server: Server, settings: str = "") -> None:
        url = server.url("counter", HISTORY)
        self.server, self.url = server, url
        self.stores = [Store(url + settings, "counter", (HISTORY,), surroundings(seed)) for seed in (1, 2)]

    async def __aenter__(self) -> "Two":
        for store in self.stores:
            await store.start()
        self.other = await asyncpg.connect(self.url)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.other.close()
        for store in self.stores:
            await store.close()

    def counts(self) -> dict[object, object]:
        return dict(self.server.rows("counter", "SELECT key, count FROM counter"))  # type: ignore[arg-type]


async def test_no_change_is_lost_when_two_processes_change_the_same_rows(server: Server) -> None:
    async with Two(server) as two:
        orders = (("a", "b", "c"), ("c", "a", "b"))
        await asyncio.gather(
            *(
                store.run(lambda tx, k=key: count(tx, k), COUNTERS.want(key))  # type: ignore[misc]
                for _ in range(60)
                for store, keys in zip(two.stores, orders, strict=True)
                for key in keys
            )
        )
        assert two.counts() == {"a": 120, "b": 120, "c": 120}


async def test_a_row_new_to_both_collides_and_the_other_goes_on_from_it(server: Server) -> None:
    async with Two(server) as two:
        await two.other.execute("BEGIN; INSERT INTO counter VALUES ('new', 5)")
        ours = asyncio.create_task(two.stores[0].run(lambda tx: count(tx, "old", "new")))
        await asyncio.sleep(0.2)
        assert not ours.done()  # it waits for the other's end
        await two.other.execute("COMMIT")
        await ours
        assert two.counts() == {"old": 1, "new": 6}


async def test_rows_new_to_both_are_each_added_once(server: Server) -> None:
    async with Two(server) as two:
        await asyncio.gather(
            *(store.run(lambda tx, n=n: count(tx, f"k{n}")) for n in range(150) for store in two.stores)  # type: ignore[misc]
        )
        assert two.counts() == {f"k{n}": 2 for n in range(150)}


async def test_two_groups_in_a_knot_both_succeed(server: Server) -> None:
    async with Two(server) as two:
        await two.stores[0].run(lambda tx: count(tx, "a", "b"))
        crossing = (("a", "b"), ("b", "a"))
        await asyncio.gather(
            *(
                store.run(lambda tx, k=keys: count(tx, *k, wait=0.4))  # type: ignore[misc]
                for store, keys in zip(two.stores, crossing, strict=True)
            )
        )
        assert two.counts() == {"a": 3, "b": 3}


async def test_a_row_that_somebody_keeps_locked_is_given_up_in_time_and_free_again(server: Server) -> None:
    async with Two(server, "?lock_timeout=200ms") as two:
        await two.stores[0].run(lambda tx: count(tx, "a", "b"))
        await two.other.execute("BEGIN; SELECT * FROM counter WHERE key = 'a' FOR UPDATE")
        results = await asyncio.gather(
            *(two.stores[0].run(lambda tx, k=key: count(tx, k)) for key in "ab"),  # type: ignore[misc]
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [Knotted, type(None)]
        await two.other.execute("COMMIT")
        await two.stores[0].run(lambda tx: count(tx, "a"))
        assert two.counts() == {"a": 2, "b": 2}


async def test_a_statement_that_takes_too_long_hurts_its_own_unit_only(server: Server) -> None:
    async with Two(server, "?statement_timeout=300ms") as two:
        store = two.stores[0]
        slow, quick = await asyncio.gather(
            store.run(lambda tx: count(tx, "slow", wait=5)), store.run(lambda tx: count(tx, "quick")),
            return_exceptions=True,
        )  # fmt: skip
        assert (type(slow), str(slow), quick) == (Passing, "57014", None)
        assert two.counts() == {"quick": 1}


@pytest.mark.parametrize("number", [2**31, -(2**40)])
async def test_a_number_too_large_for_its_column_is_our_mistake_and_no_reason_to_try_again(
    server: Server, number: int
) -> None:
    async with Two(server) as two:
        with pytest.raises(asyncpg.DataError):
            await two.stores[0].run(lambda tx: tx.insert(Counter, key="a", count=number))
        with pytest.raises(asyncpg.DataError):
            await two.stores[0].run(lambda tx: tx.insert(Counter, key="a\x00b", count=1))
        assert two.counts() == {}
