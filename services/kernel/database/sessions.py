"""SQLModel sessions on either database: for pages and other readers, and for the store of people."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Final, Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import Session

from services.kernel.database.errors import Passing
from services.kernel.sql import Sql

log_ = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")
READERS: Final = 4


class Looking(Session):
    """A reader's session. It also runs the statements of `Tx`."""

    def __init__(self, bind: Connection | Engine) -> None:
        super().__init__(bind, autoflush=False, expire_on_commit=False)
        self._dialect = bind.dialect.name

    def all(self, sql: Sql[R], /, **values: object) -> list[R]:
        found = self.connection().execute(cast(Executable, sql.clause(self._dialect)), values)
        make = sql.make(list(found.keys()))
        return [make(row) for row in found]

    def one(self, sql: Sql[R], /, **values: object) -> R | None:
        found = self.all(sql, **values)
        return found[0] if found else None


class Sessions(Protocol):
    """Runs `work` with a session, away from the event loop or without blocking it."""

    async def read(self, work: Callable[[Looking], T]) -> T: ...

    async def write(self, work: Callable[[Session], T]) -> T:
        """In a transaction of its own; the answer comes after the COMMIT."""

    async def close(self) -> None: ...


class ThreadSessions:
    """SQLite: connections that block, each in a thread. `writing` None: readers only."""

    def __init__(self, reading: Engine, writing: Engine | None, name: str) -> None:
        self._reading, self._writing = reading, writing
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix=f"{name}.reader")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=f"{name}.writer")

    async def read(self, work: Callable[[Looking], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, work)

    async def write(self, work: Callable[[Session], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._change, work)

    async def close(self) -> None:
        self._readers.shutdown()
        self._writer.shutdown()
        self._reading.dispose()
        if self._writing is not None:
            self._writing.dispose()

    def _look(self, work: Callable[[Looking], T]) -> T:
        with Looking(self._reading) as session:
            return work(session)

    def _change(self, work: Callable[[Session], T]) -> T:
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            return work(session)


class AsyncSessions:
    """PostgreSQL: connections that do not block. `writing` None: readers only. `errors`: as the port's."""

    def __init__(
        self,
        reading: AsyncEngine,
        writing: AsyncEngine | None,
        errors: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._reading, self._writing, self._errors = reading, writing, errors

    async def read(self, work: Callable[[Looking], T]) -> T:
        """Passing: not the second time either. (A connection may end with nothing wrong at the server.)"""
        try:
            return await self._read(work)
        except Passing as error:
            log_.warning("store.reads_again", extra={"error": str(error)})
            return await self._read(work)

    async def _read(self, work: Callable[[Looking], T]) -> T:
        def look(connection: Connection) -> T:
            with Looking(connection) as session:
                return work(session)

        with self._errors():
            async with self._reading.connect() as connection:
                return await connection.run_sync(look)

    async def write(self, work: Callable[[Session], T]) -> T:
        def change(connection: Connection) -> T:
            with Session(connection, expire_on_commit=False) as session:
                result = work(session)
                session.flush()
                return result

        if self._writing is None:
            raise RuntimeError("these sessions only read")
        with self._errors():
            async with self._writing.begin() as connection:
                return await connection.run_sync(change)

    async def close(self) -> None:
        await self._reading.dispose()
        if self._writing is not None:
            await self._writing.dispose()
