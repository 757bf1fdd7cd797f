"""A database to the newest version of its tables: made if it is missing, two at once one after the other."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from services.kernel.database.errors import Passing, StoreUnusable
from services.kernel.database.schema import History, bring_up
from services.kernel.database.sqlite import bring_up_file
from services.kernel.lock import FileLock

if TYPE_CHECKING:
    import asyncpg

ALONE: Final = 4713  # the advisory lock of whoever changes tables


async def migrate(url: str, histories: Sequence[History]) -> list[str]:
    """What was done, such as "intake 0001 → 0002"; empty when nothing was to be done. StoreUnusable, Held."""
    if url.startswith("sqlite:"):
        return await asyncio.to_thread(_file, url, histories)
    return await _server(url, histories)


def _file(url: str, histories: Sequence[History]) -> list[str]:
    path = Path(make_url(url).database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(Path(f"{path}.lock"))  # the store's own: a running server's tables stay as they are
    lock.acquire()
    try:
        return bring_up_file(url, histories)
    finally:
        lock.release()


async def _server(url: str, histories: Sequence[History]) -> list[str]:
    # Here, so that an installation on one machine never loads asyncpg.
    from services.kernel.database.postgres import engine
    from services.kernel.database.postgres_link import where

    await _make_database(url, where(url))

    def work(connection: Connection) -> list[str]:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ALONE})
        return bring_up(connection, histories, where(url))

    writing = engine(url, "migrate", reads_only=False, patient=True)
    try:
        async with writing.begin() as connection:
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            await connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            return await connection.run_sync(work)
    finally:
        await writing.dispose()


async def _make_database(url: str, place: str) -> None:
    """Make the database where the server does not have it yet and the user may."""
    import asyncpg

    from services.kernel.database.postgres_link import NoDatabase

    address = make_url(url)
    try:
        await (await _connected(url, place)).close()
    except NoDatabase:
        pass
    else:
        return
    try:
        connection = await _connected(str(address.set(database="postgres").render_as_string(False)), place)
    except StoreUnusable:
        raise _not_made(place) from None
    try:
        # Ordered and compared byte by byte, whatever the server's language: as SQLite does it.
        how = "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        await connection.execute(f'CREATE DATABASE "{address.database}" {how}')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        pass  # another has made it meanwhile
    except asyncpg.InsufficientPrivilegeError:
        raise _not_made(place) from None
    finally:
        await connection.close()


def _not_made(place: str) -> StoreUnusable:
    return StoreUnusable(
        f"没有数据库 {place}，这个用户也不能建库，请由管理员先建好。"
        f"/ There is no database {place}, and this user may not make one: ask the administrator."
    )


async def _connected(url: str, place: str) -> "asyncpg.Connection":
    from services.kernel.database.postgres_link import connect

    for _ in range(40):
        try:
            return await connect(url, "migrate")
        except Passing:
            await asyncio.sleep(0.5)
    raise StoreUnusable(f"PostgreSQL {place} 没有应答。/ PostgreSQL at {place} does not answer.")
