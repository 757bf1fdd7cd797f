"""PostgreSQL databases as they all were at one instant, while services write to them.

As `file_cut`: whoever says or hears an event writes to `position`, so that table is locked in every database
for as long as it takes to begin a transaction that reads in each. pg_dump then reads through their eyes.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import asyncpg

from services.kernel.columns import table
from services.kernel.database.postgres_link import connect, port_errors
from services.kernel.place import Position

_POSITION: Final = table(Position).name


@asynccontextmanager
async def at_once(urls: Mapping[str, str]) -> AsyncIterator[dict[str, str]]:
    """Of each database the name of a snapshot, all of one instant, as long as the block lasts. Passing."""
    async with AsyncExitStack() as stack:
        with port_errors():
            readers = {name: await _connected(stack, url) for name, url in urls.items()}
            snapshots = {}
            async with AsyncExitStack() as locks:
                for url in urls.values():
                    lock = await _connected(locks, url)
                    await lock.execute("BEGIN")
                    if await lock.fetchval("SELECT to_regclass($1)", _POSITION) is not None:
                        await lock.execute(f'LOCK TABLE "{_POSITION}" IN SHARE MODE')
                for name, reader in readers.items():
                    await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    snapshots[name] = str(await reader.fetchval("SELECT pg_export_snapshot()"))
        yield snapshots


async def _connected(stack: AsyncExitStack, url: str) -> asyncpg.Connection:
    # They wait for pg_dump, however long that takes.
    connection = await connect(url, "backup", idle_in_transaction_session_timeout="0")
    stack.push_async_callback(connection.close)
    return connection
