"""Rows that a transaction keeps: read together, changed in memory, written once, never behind a statement."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import bindparam, select, update
from sqlmodel import Field, SQLModel

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.database.schema import History
from services.kernel.kept import Kept
from services.kernel.sql import Sql
from services.kernel.store import Store
from services.kernel.tx import Tx
from tests.kernel.cells import statements_of, surroundings
from tests.places import Place


class Shelf(SQLModel, table=True):
    __tablename__ = "shelf"
    key: str = Field(primary_key=True)
    colour: str
    count: int = 0
    note: str | None = None


@dataclass(slots=True)
class Row:
    key: str
    colour: str
    count: int


HISTORY = History("shelf", (Shelf,))
SHELVES = Kept(Shelf, Row, key="key")
ALL = Sql(select(*table(Shelf).c).order_by(table(Shelf).c.key))
PAINT = Sql(
    update(table(Shelf)).where(table(Shelf).c.key == bindparam("shelf")).values(colour=bindparam("paint"))
)


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    store = Store(place.url("shelf", HISTORY), "shelf", (HISTORY,), surroundings())
    await store.start()

    def fill(tx: Tx) -> None:
        for key in "abc":
            tx.insert(Shelf, key=key, colour="red", count=0, note="n")

    await store.run(fill)
    yield store
    await store.close()


async def rows(store: Store) -> list[tuple[object, ...]]:
    return await store.run(lambda tx: [tuple(row) for row in tx.all(ALL)])


async def test_what_the_units_of_a_group_want_is_read_with_one_statement(store: Store) -> None:
    def count(tx: Tx, key: str) -> None:
        shelf = SHELVES.get(tx, key)
        assert shelf is not None
        shelf.count += 1

    with statements_of(store) as statements:
        await asyncio.gather(
            *(store.run(lambda tx, k=key: count(tx, k), SHELVES.want(key)) for key in "abcab")  # type: ignore[misc]
        )
    assert sum("FROM shelf" in one for one in statements) == 1
    assert [row[2] for row in await rows(store)] == [2, 2, 1]


async def test_only_what_changed_is_written(store: Store) -> None:
    """A file: only the columns. A server: one whole row, in the one statement all changed rows share."""

    dialects = []

    def change(tx: Tx) -> None:
        dialects.append(tx.dialect)
        SHELVES.load(tx, "abc")
        a, b = SHELVES.get(tx, "a"), SHELVES.get(tx, "b")
        assert a is not None
        assert b is not None
        a.colour, b.count = "blue", 0

    with statements_of(store) as statements:
        await store.run(change)
    [written] = [one for one in statements if one.startswith("UPDATE")]
    assert "colour=" in written
    assert ("count=" in written) == (dialects == ["postgresql"])


async def test_there_is_no_row_until_it_is_added_and_then_it_may_change_further(store: Store) -> None:
    def work(tx: Tx) -> None:
        assert SHELVES.get(tx, "d") is None
        new = SHELVES.add(tx, Row("d", "green", 1))
        new.count = 5
        assert SHELVES.get(tx, "d") is new

    await store.run(work)
    assert (await rows(store))[-1] == ("d", "green", 5, None)


async def test_a_statement_sees_what_was_changed_in_memory_before_it(store: Store) -> None:
    def work(tx: Tx) -> list[str]:
        shelf = SHELVES.get(tx, "a")
        assert shelf is not None
        shelf.colour = "blue"
        return [row.colour for row in tx.all(ALL)]

    assert await store.run(work) == ["blue", "red", "red"]


async def test_a_row_knows_what_a_statement_wrote_and_keeps_what_was_changed_besides(store: Store) -> None:
    def work(tx: Tx) -> str:
        shelf = SHELVES.get(tx, "a")
        assert shelf is not None
        shelf.count = 9
        tx.run(PAINT, shelf="a", paint="white")
        shelf.count = 10
        again = SHELVES.get(tx, "a")
        assert again is shelf
        return shelf.colour

    assert await store.run(work) == "white"
    assert (await rows(store))[0] == ("a", "white", 10, "n")


async def test_a_row_that_was_inserted_past_it_is_found(store: Store) -> None:
    def work(tx: Tx) -> str:
        assert SHELVES.get(tx, "z") is None
        tx.insert(Shelf, key="z", colour="black", count=1, note=None)
        found = SHELVES.get(tx, "z")
        assert found is not None
        return found.colour

    assert await store.run(work) == "black"


async def test_no_keys_at_all_find_nothing(store: Store) -> None:
    some = Sql(select(table(Shelf).c.key).where(among(table(Shelf).c.key, "keys")))
    assert await store.run(lambda tx: tx.all(some, keys=[])) == []
    assert len(await store.run(lambda tx: tx.all(some, keys={"a", "c", "x"}))) == 2


async def test_a_unit_that_fails_leaves_nothing_of_its_changes(store: Store) -> None:
    def work(tx: Tx) -> None:
        shelf = SHELVES.get(tx, "a")
        assert shelf is not None
        shelf.colour = "blue"
        raise ValueError(UUID(int=1))

    with pytest.raises(ValueError, match="0001"):
        await store.run(work)
    assert (await rows(store))[0][1] == "red"
