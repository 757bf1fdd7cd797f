"""What a group wrote leaves in few round trips, and nothing of it misses what was written before it."""

from uuid import UUID

from sqlalchemy import bindparam, insert, update
from sqlmodel import Field, SQLModel

from services.kernel.columns import table
from services.kernel.database.postgres_writing import in_one, independent
from services.kernel.database.schema import History
from services.kernel.sql import Sql, Write
from services.kernel.store import Store, Tx
from tests.kernel.cells import statements_of, surroundings
from tests.places import Place, Server


class Bag(SQLModel, table=True):
    __tablename__ = "writes_bag"
    id: UUID = Field(primary_key=True)
    weight: int


class Label(SQLModel, table=True):
    __tablename__ = "writes_label"
    id: UUID = Field(primary_key=True)
    text: str


HISTORY = History("writes", (Bag, Label))
INSERT_BAG, INSERT_LABEL = Sql(insert(table(Bag))), Sql(insert(table(Label)))
WEIGH = Sql(update(table(Bag)).where(table(Bag).c.id == bindparam("bag")).values(weight=bindparam("grams")))


async def opened(place: Place) -> Store:
    store = Store(place.url("writes", HISTORY), "writes", (HISTORY,), surroundings())
    await store.start()
    return store


def pack(tx: Tx, number: int, grams: int) -> None:
    for _ in range(number):
        bag = tx.new_id()
        tx.insert(Bag, id=bag, weight=0)
        tx.insert(Label, id=bag, text="棉被")
        tx.later(WEIGH, bag=bag, grams=grams)


async def test_a_row_that_a_group_inserts_and_then_changes_is_changed(place: Place) -> None:
    store = await opened(place)
    await store.run(lambda tx: pack(tx, 1, 900))
    await store.run(lambda tx: pack(tx, 3, 900))
    assert place.rows("writes", "SELECT weight FROM writes_bag") == [(900,)] * 4
    assert place.rows("writes", "SELECT text FROM writes_label") == [("棉被",)] * 4
    await store.close()


async def test_tables_that_have_nothing_to_do_with_each_other_are_written_in_one_round_trip(
    server: Server,
) -> None:
    store = await opened(server)
    with statements_of(store) as seen:
        await store.run(lambda tx: pack(tx, 3, 900))
    written = [one for one in seen if "writes_" in one]
    assert [("INTO writes_bag" in one, "INTO writes_label" in one) for one in written] == [
        (True, True),
        (False, False),
    ]
    assert written[1].startswith("UPDATE writes_bag")
    await store.close()


def test_what_looks_at_a_table_that_is_written_before_it_goes_after_it() -> None:
    bags: Write = (INSERT_BAG, [{}])
    labels: Write = (INSERT_LABEL, [{}])
    weights: Write = (WEIGH, [{}])
    assert independent([bags, labels]) == [[bags, labels]]
    assert independent([bags, labels, weights, labels]) == [[bags, labels], [weights, labels]]
    assert independent([bags, weights]) == [[bags], [weights]]


def test_values_of_several_statements_follow_one_another() -> None:
    assert in_one(("a $1", "b $2, $10", "c $1"), (1, 10, 1)) == "WITH w0 AS (a $1), w1 AS (b $3, $11) c $12"
    assert in_one(("a $1",), (1,)) == "a $1"
