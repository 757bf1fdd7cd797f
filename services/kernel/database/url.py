"""The URL picks the database."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

from services.kernel.database.engines import open_engine
from services.kernel.database.port import Database
from services.kernel.database.schema import History
from services.kernel.database.sessions import AsyncSessions, Sessions, ThreadSessions
from services.kernel.database.sqlite import SqliteDatabase, bring_up_file
from services.kernel.surroundings import Surroundings


def open_database(url: str, name: str, around: Surroundings) -> Database:
    """The database of the service `name` at `sqlite:///path` or `postgresql://…`; `open` opens it."""
    if url.startswith("sqlite:"):
        return SqliteDatabase(url, around.now)
    # Here, so that an installation on one machine never loads asyncpg.
    from services.kernel.database.postgres import PostgresDatabase

    clock = around.now if around.steered else None
    return PostgresDatabase(url, name, around.random.randrange(1, 2**31), clock)


def open_sessions(url: str, name: str) -> Sessions:
    """Sessions that read and write, for a store without an owner (people and tokens)."""
    if url.startswith("sqlite:"):
        return ThreadSessions(open_engine(url, writes=False), open_engine(url, writes=True), name)
    from services.kernel.database.postgres import engine
    from services.kernel.database.postgres_link import session_errors

    reading = engine(url, f"{name}-reader", reads_only=True)
    return AsyncSessions(reading, engine(url, f"{name}-writer", reads_only=False), session_errors)


async def prepare(url: str, histories: Sequence[History]) -> None:
    """A file gets its tables at their newest version; of a server's database they are checked only.

    Raises StoreUnusable.
    """
    if url.startswith("sqlite:"):
        path = Path(make_url(url).database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(bring_up_file, url, histories)
        return
    from services.kernel.database.postgres import PostgresDatabase

    database = PostgresDatabase(url, "access", 0)
    await database.open(histories)
    await database.close()
