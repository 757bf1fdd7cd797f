"""A database's rows from a SQLite file into PostgreSQL: in batches, in one transaction, and counted."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import Connection, Table, func, select

from services.kernel.columns import table
from services.kernel.database.engines import open_engine
from services.kernel.database.errors import StoreUnusable
from services.kernel.database.postgres_link import INSTANCES, connect, port_errors, where
from services.kernel.database.schema import UNFINISHED, History

ROWS: Final = 1_000  # in memory at once
_USED: Final = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


async def occupied(url: str, histories: Sequence[History]) -> str | None:
    """The first of these tables that has rows; "" while a process serves the database; None if it is free."""
    async with _connected(url) as target:
        if await target.fetchval(_USED, INSTANCES):
            return ""
        for one in _tables(histories):
            if await target.fetchval("SELECT to_regclass($1)", one.name) is None:
                continue  # of the people's database only the version is left
            if await target.fetchval(f'SELECT EXISTS (SELECT FROM "{one.name}")'):  # noqa: S608 (our own names)
                return one.name
    return None


async def version_of(url: str, history: History) -> str:
    """The version that stands in the database; "" where it has none."""
    async with _connected(url) as target:
        if await target.fetchval("SELECT to_regclass($1)", history.version_table) is None:
            return ""
        return str(await target.fetchval(f"SELECT version_num FROM {history.version_table}"))  # noqa: S608


async def shut(url: str, history: History) -> None:
    """No process starts on this database until `copy` has opened it."""
    async with _connected(url) as target:
        await _set_version(target, history, UNFINISHED)


async def leave_gate(url: str, history: History) -> None:
    """Instead of the history's tables its version alone, which says UNFINISHED: a dump takes its place."""
    async with _connected(url) as target, target.transaction():
        for name in [*(one.name for one in _tables((history,))), history.version_table]:
            await target.execute(f'DROP TABLE IF EXISTS "{name}"')
        await target.execute(f"CREATE TABLE {history.version_table} (version_num VARCHAR(32) PRIMARY KEY)")
        await target.execute(f"INSERT INTO {history.version_table} VALUES ($1)", UNFINISHED)  # noqa: S608


async def copy(path: Path, url: str, histories: Sequence[History], *, opens: bool = False) -> int:
    """Put the file's rows in the place of whatever the tables hold; how many they are.

    `opens`: it was `shut`, and is open with the same COMMIT. StoreUnusable: a value that PostgreSQL does not
    keep; Passing: the server went away. Either way nothing has changed.
    """
    tables, rows = _tables(histories), 0
    engine = open_engine(f"sqlite:///{path}", writes=False)
    try:
        async with _connected(url) as target, target.transaction():
            names = ", ".join(f'"{one.name}"' for one in tables)
            await target.execute(f"TRUNCATE {names}")
            with engine.connect() as source:
                for one in tables:
                    rows += await _copy_table(source, target, one, where(url))
            if opens:
                await _set_version(target, histories[0], histories[0].head)
    finally:
        engine.dispose()
    return rows


async def _copy_table(source: Connection, target: asyncpg.Connection, one: Table, place: str) -> int:
    columns = [column.name for column in one.columns]
    try:
        for batch in _batches(source, one):
            await target.copy_records_to_table(one.name, records=batch, columns=columns)
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError, TypeError) as error:
        raise StoreUnusable(
            f"表 {one.name} 中有 {place} 不能保存的内容（{type(error).__name__}），没有迁移任何数据。"
            f"/ Table {one.name} holds something that PostgreSQL at {place} does not keep "
            f"({type(error).__name__}); nothing was moved."
        ) from None
    if (numbered := one.autoincrement_column) is not None:  # what is inserted from now on comes after these
        last = f'SELECT coalesce(max("{numbered.name}"), 0) + 1 FROM "{one.name}"'  # noqa: S608
        sequence = await target.fetchval("SELECT pg_get_serial_sequence($1, $2)", one.name, numbered.name)
        await target.execute(f"SELECT setval($1, ({last}), false)", sequence)
    arrived = int(await target.fetchval(f'SELECT count(*) FROM "{one.name}"'))  # noqa: S608
    if (left := source.scalar(select(func.count()).select_from(one))) != arrived:
        raise StoreUnusable(
            f"表 {one.name} 有 {left} 行，到达 {arrived} 行，没有迁移任何数据。"
            f"/ Table {one.name} has {left} rows and {arrived} arrived; nothing was moved."
        )
    return arrived


def _batches(source: Connection, one: Table) -> Iterator[list[tuple[object, ...]]]:
    found = source.execution_options(yield_per=ROWS).execute(select(one))
    for rows in found.partitions(ROWS):
        yield [tuple(row) for row in rows]


def _tables(histories: Sequence[History]) -> list[Table]:
    return [table(model) for history in histories for model in history.tables]


async def _set_version(target: asyncpg.Connection, history: History, version: str) -> None:
    await target.execute(f"UPDATE {history.version_table} SET version_num = $1", version)  # noqa: S608


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(url, "move")
    try:
        with port_errors():
            yield connection
    finally:
        await connection.close()
