"""Versions of tables: the scripts lead to the tables in the code, and nobody works on another version."""

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Connection, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, SQLModel

from services.commands.migrate import HISTORIES
from services.kernel.columns import table
from services.kernel.database.errors import StoreUnusable
from services.kernel.database.migration import migrate
from services.kernel.database.postgres import engine
from services.kernel.database.schema import History
from services.kernel.database.versions import upgrade
from services.kernel.store import Store
from tests.kernel.cells import surroundings
from tests.places import Folder, Place, Server
from tools.migration import operations


class Parcel(SQLModel, table=True):
    __tablename__ = "parcel"
    id: int | None = Field(default=None, primary_key=True)
    address: str
    grams: int | None = Field(default=None, sa_type=BigInteger)


SCRIPTS = Path(__file__).parent / "versions"
PARCELS = History("parcel", (Parcel,), SCRIPTS)


@pytest.fixture
def first(tmp_path: Path) -> History:
    """The history of parcels as the first release had it."""
    folder = tmp_path / "first"
    folder.mkdir()
    shutil.copy(SCRIPTS / "0001_begin.py", folder)
    return History("parcel", (Parcel,), folder)


async def with_connection(url: str, work):  # type: ignore[no-untyped-def]
    """`work(connection)` in a transaction of its own."""
    if url.startswith("sqlite"):
        sqlite = create_engine(url)
        with sqlite.begin() as connection:
            found = work(connection)
        sqlite.dispose()
        return found
    postgresql = engine(url, "test", reads_only=False)
    async with postgresql.begin() as connection:
        found = await connection.run_sync(work)
    await postgresql.dispose()
    return found


def by_scripts(connection: Connection, history: History) -> None:
    assert history.folder is not None
    upgrade(connection, history.folder, history.version_table)


def description(connection: Connection, history: History) -> dict[str, object]:
    """Tables as the database itself describes them: columns, keys, and indexes with their conditions."""
    looked = inspect(connection)
    described: dict[str, object] = {}
    for name in (table(model).name for model in history.tables):
        columns = [
            (c["name"], str(c["type"]), c["nullable"], c.get("default")) for c in looked.get_columns(name)
        ]
        unique = sorted(tuple(u["column_names"]) for u in looked.get_unique_constraints(name))
        described[name] = columns, looked.get_pk_constraint(name)["constrained_columns"], unique
    if connection.dialect.name == "sqlite":
        listed = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index'"))
        counted = "SELECT name, sql LIKE '%AUTOINCREMENT%' FROM sqlite_master WHERE type = 'table'"
    else:
        listed = connection.execute(
            text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        )
        counted = "SELECT sequencename, data_type::text FROM pg_sequences"
    described["indexes"] = {name: sql for name, sql in listed if "schema_" not in name}
    described["numbers"] = {
        name: kind for name, kind in connection.execute(text(counted)) if "schema_" not in name
    }
    return described


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.name)
async def test_the_scripts_lead_to_the_tables_in_the_code(place: Place, history: History) -> None:
    scripts, code = place.url("scripts"), place.url("code")
    await with_connection(scripts, lambda connection: by_scripts(connection, history))
    await migrate(code, (history,))
    differences = await with_connection(scripts, lambda connection: operations(connection, history))
    assert differences.as_diffs() == []
    found = [
        await with_connection(url, lambda connection: description(connection, history))
        for url in (scripts, code)
    ]
    assert found[0] == found[1]
    assert len(found[0]["indexes"]) >= len(history.tables)


async def test_an_older_version_is_brought_up_and_keeps_its_rows(place: Place, first: History) -> None:
    url = place.url("post")
    await with_connection(url, lambda connection: by_scripts(connection, first))
    rows = "INSERT INTO parcel (id, address) VALUES (1, '玄武'), (2, NULL)"
    await with_connection(url, lambda connection: connection.execute(text(rows)))
    assert await migrate(url, (PARCELS,)) == ["parcel 0001 → 0002"]
    assert await migrate(url, (PARCELS,)) == []
    assert place.rows("post", "SELECT * FROM parcel ORDER BY id") == [(1, "玄武", None), (2, "", None)]
    await with_connection(url, lambda c: c.execute(text("UPDATE parcel SET grams = 5000000000")))
    assert place.rows("post", "SELECT version_num FROM schema_parcel") == [("0002",)]


async def test_a_version_that_breaks_off_half_way_leaves_everything_as_it_was(
    place: Place, first: History, tmp_path: Path
) -> None:
    """As with a process that is killed: the next start begins anew."""
    url, folder = place.url("post"), tmp_path / "broken"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SCRIPTS.parent / "broken_version.py", folder / "0002_weigh_and_require_an_address.py")
    await with_connection(url, lambda connection: by_scripts(connection, first))
    rows = text("INSERT INTO parcel (id, address) VALUES (1, '玄武')")
    await with_connection(url, lambda connection: connection.execute(rows))
    with pytest.raises(DBAPIError, match="nowhere"):
        await migrate(url, (History("parcel", (Parcel,), folder),))
    assert place.rows("post", "SELECT * FROM parcel") == [(1, "玄武")]
    assert await migrate(url, (PARCELS,)) == ["parcel 0001 → 0002"]


async def test_an_empty_database_gets_the_newest_tables_at_once(place: Place) -> None:
    url = place.url("post")
    assert await migrate(url, (PARCELS,)) == ["parcel - → 0002"]
    assert place.rows("post", "SELECT version_num FROM schema_parcel") == [("0002",)]


async def test_a_newer_version_is_refused_by_migrate_and_by_a_store(place: Place) -> None:
    url = place.url("post")
    await migrate(url, (PARCELS,))
    newer = "UPDATE schema_parcel SET version_num = '0009'"
    await with_connection(url, lambda connection: connection.execute(text(newer)))
    said = r"库结构（parcel 0009）比程序新（0002）.*\(parcel 0009\) are newer than the program \(0002\)"
    with pytest.raises(StoreUnusable, match=said):
        await migrate(url, (PARCELS,))
    store = Store(url, "post", (PARCELS,), surroundings())
    with pytest.raises(StoreUnusable, match=said):
        await store.start()
    await store.close()


async def test_tables_without_a_version_are_not_taken_for_ours(place: Place) -> None:
    url = place.url("post")
    await with_connection(url, lambda c: c.execute(text("CREATE TABLE parcel (id INTEGER)")))
    with pytest.raises(StoreUnusable, match="have no version"):
        await migrate(url, (PARCELS,))


async def test_a_store_on_a_server_does_not_touch_tables_that_are_older(
    server: Server, first: History
) -> None:
    url = server.url("post")
    store = Store(url, "post", (PARCELS,), surroundings())
    with pytest.raises(StoreUnusable, match=r"库结构（parcel 空）比程序旧.*run yikou migrate first"):
        await store.start()
    await with_connection(url, lambda connection: by_scripts(connection, first))
    with pytest.raises(StoreUnusable, match=r"\(parcel 0001\) are older than the program: run yikou migrate"):
        await store.start()
    await migrate(url, (PARCELS,))
    await store.start()
    await store.close()


async def test_a_store_in_a_file_brings_its_tables_up_at_its_start(tmp_path: Path, first: History) -> None:
    url = Folder(tmp_path).url("post")
    await with_connection(url, lambda connection: by_scripts(connection, first))
    store = Store(url, "post", (PARCELS,), surroundings())
    await store.start()
    await store.close()
    assert Folder(tmp_path).rows("post", "SELECT version_num FROM schema_parcel") == [("0002",)]


async def test_two_at_once_wait_for_each_other_from_a_missing_database_on(server: Server) -> None:
    for number in range(3):
        url = server.databases.server.url(f"race_{number}")
        done = await asyncio.gather(*(migrate(url, HISTORIES) for _ in range(3)))
        assert sorted(map(len, done)) == [0, 0, len(HISTORIES)]
        server.databases.drop(f"race_{number}")


async def test_two_at_once_on_an_older_database_change_it_once(server: Server, first: History) -> None:
    url = server.url("post")
    await with_connection(url, lambda connection: by_scripts(connection, first))
    assert sorted(await asyncio.gather(*(migrate(url, (PARCELS,)) for _ in range(3)))) == [
        [], [], ["parcel 0001 → 0002"],
    ]  # fmt: skip
