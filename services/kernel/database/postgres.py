"""A store in a PostgreSQL database: one writing connection, whose groups run beside the loop's other work.

A group is plain synchronous code; where it runs a statement, its greenlet gives way until the answer is there
(SQLAlchemy's `greenlet_spawn`, as its own asyncio support does it). Measured against psycopg, in a thread or
the same way: half the CPU (docs/decisions/0011).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from services.kernel.database import schema
from services.kernel.database.errors import Passing, StoreUnusable, Unsure
from services.kernel.database.port import Writing
from services.kernel.database.postgres_link import (
    BROKEN,
    CONNECT,
    INSTANCES,
    SESSION,
    ServerClock,
    connect,
    make_ours,
    port_errors,
    session_errors,
    settings_of,
    where,
)
from services.kernel.database.postgres_shards import ServerShards
from services.kernel.database.postgres_writing import PostgresWriting
from services.kernel.database.schema import History
from services.kernel.database.sessions import READERS, AsyncSessions, Looking
from services.kernel.database.shards import Shards
from services.kernel.writer import Later

T = TypeVar("T")
log_ = logging.getLogger(__name__)
START: Final = 20.0  # seconds that a start waits for the server


class PostgresDatabase:
    """The database that `url` names. `instance`: this process among those that use it, drawn at the start."""

    shared = True

    def __init__(
        self, url: str, name: str, instance: int, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._url, self._name, self.instance = url, name, instance
        self._clock = ServerClock()
        self.now = clock or self._clock.now
        self._connection: asyncpg.Connection | None = None
        self._away = self._known = self._visiting = False
        self._sessions = AsyncSessions(engine(url, f"{name}-reader", reads_only=True), None, session_errors)

    async def open(self, histories: Sequence[History], *, visiting: bool = False) -> None:
        until, self._visiting = asyncio.get_running_loop().time() + START, visiting
        while True:
            try:
                await self._connected()
                break
            except Later:
                if asyncio.get_running_loop().time() > until:
                    raise StoreUnusable(
                        f"PostgreSQL {where(self._url)} 没有应答。"
                        f"/ PostgreSQL at {where(self._url)} does not answer."
                    ) from None
                await asyncio.sleep(0.5)
        if not visiting:
            await self._sessions.read(
                lambda look: schema.check(look.connection(), histories, where(self._url))
            )

    async def transact(self, work: Callable[[Writing, datetime], T]) -> T:
        connection = await self._connected()
        try:
            await connection.execute("BEGIN")
        except BROKEN:
            self._drop()
            raise Later from None
        try:
            with port_errors():
                result = await greenlet_spawn(work, PostgresWriting(connection, self.instance), self.now())
        except BaseException as error:
            await self._undo(connection)
            if isinstance(error, Passing) and self._connection is None:
                raise Later from None
            raise
        try:
            with port_errors():
                await connection.execute("COMMIT")
        except BaseException as error:
            await self._undo(connection)
            if isinstance(error, Passing):
                raise Unsure(str(error)) from None
            raise
        return result

    async def read(self, work: Callable[[Looking], T]) -> T:
        return await self._sessions.read(work)

    def shards(self, woken: Callable[[], None]) -> Shards:
        return ServerShards(self._url, self._name, self.instance, woken)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close(timeout=2)
        await self._sessions.close()

    async def _connected(self) -> asyncpg.Connection:
        """The writing connection with a fresh clock; Later when there is none now."""
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect(self._url, f"{self._name}-writer")
                with port_errors():
                    if not self._visiting:  # a visitor relays nothing, and must get no share of the shards
                        await make_ours(self._connection, INSTANCES, self.instance, again=self._known)
                    await self._clock.look(self._connection)
                self._known = True
            elif self._clock.stale:
                with port_errors():
                    await self._clock.look(self._connection)
        except Passing as error:
            if not self._away:  # it is tried many times a second, and said once
                log_.warning("store.away", extra={"service": self._name, "error": str(error)})
            self._away = True
            self._drop()
            raise Later from None
        if self._away:
            log_.warning("store.back", extra={"service": self._name})
        self._away = False
        return self._connection

    async def _undo(self, connection: asyncpg.Connection) -> None:
        """Roll back. A connection on which that fails is ended: the server rolls back for it."""
        try:
            async with asyncio.timeout(5):
                if not connection.is_closed() and connection.is_in_transaction():
                    await connection.execute("ROLLBACK")
        except BROKEN:
            self._drop()
        if connection.is_closed() or connection.is_in_transaction():
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def engine(url: str, name: str, *, reads_only: bool, patient: bool = False) -> AsyncEngine:
    """SQLAlchemy's engine for sessions. A connection that died is noticed before it is used.

    `patient`: for statements that may take any time.
    """
    given, within = settings_of(url)
    session = {"application_name": name, **SESSION, **given}
    if reads_only:
        session["default_transaction_read_only"] = "on"
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg", query={}),
        pool_size=READERS, max_overflow=0, pool_pre_ping=True, hide_parameters=True,
        connect_args={
            "server_settings": session, "timeout": CONNECT, "command_timeout": None if patient else within,
        },
    )  # fmt: skip
