"""A fair share of an outbox's shards, held as advisory locks of one PostgreSQL session."""

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final

import asyncpg

from services.kernel.database.errors import Passing
from services.kernel.database.postgres_link import (
    BROKEN,
    INSTANCES,
    RELAYS,
    connect,
    make_ours,
    port_errors,
)
from services.kernel.database.shards import SHARDS

log_ = logging.getLogger(__name__)
HELD: Final = 4711  # class of the advisory locks of shards
CHANNEL: Final = "outbox"
_MINE: Final = "SELECT pg_try_advisory_lock($1, $2)"
_YOURS: Final = "SELECT pg_advisory_unlock($1, $2)"
_ALIVE: Final = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


class ServerShards:
    """`woken`: called when another process has written to the outbox."""

    sole = False

    def __init__(self, url: str, name: str, instance: int, woken: Callable[[], None]) -> None:
        self._url, self._name, self._instance, self._woken = url, name, instance, woken
        self._known = False
        self._connection: asyncpg.Connection | None = None
        self._held: set[int] = set()

    def held(self) -> Collection[int]:
        if self._connection is None or self._connection.is_closed():
            self._held.clear()  # the locks went with the connection
        return self._held

    async def share(self) -> bool:
        before = set(self.held())
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect(self._url, f"{self._name}-relay")
                with port_errors():
                    await make_ours(self._connection, RELAYS, self._instance, again=self._known)
                    self._known = True
                    await self._connection.add_listener(CHANNEL, lambda *_: self._woken())
            with port_errors():
                await self._divide(self._connection)
        except Passing as error:
            log_.warning("relay.away", extra={"service": self._name, "error": str(error)})
            await self.close()
        return self._held != before

    async def _divide(self, connection: asyncpg.Connection) -> None:
        processes = max(1, await connection.fetchval(_ALIVE, INSTANCES))
        wanted = -(-SHARDS // processes)
        for shard in sorted(self._held)[wanted:]:
            await connection.execute(_YOURS, HELD, shard)
            self._held.discard(shard)
        for shard in range(SHARDS):
            if len(self._held) >= wanted:
                return
            if shard not in self._held and await connection.fetchval(_MINE, HELD, shard):
                self._held.add(shard)

    async def tell(self) -> None:
        if self._connection is not None:
            # Whoever holds the shard looks by itself after some seconds, if this does not arrive.
            with suppress(*BROKEN):
                await self._connection.execute(f"NOTIFY {CHANNEL}")

    async def close(self) -> None:
        self._held.clear()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                async with asyncio.timeout(2):
                    await connection.close()
            except BROKEN:
                connection.terminate()
