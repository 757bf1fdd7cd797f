"""The database of people, tokens and sessions, shared by every process of an installation.

It is not a service's store: it has no outbox and no owner, so that `yikou account add` works while the
server runs. Writes are rare and short.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session, SQLModel

from services.kernel.accounts import Account, Attempt
from services.kernel.columns import table
from services.kernel.engines import open_engine
from services.kernel.sessions import SignIn
from services.kernel.tokens import Token

T = TypeVar("T")
TABLES: tuple[type[SQLModel], ...] = (Account, Attempt, Token, SignIn)


class AccessStore:
    """`run` answers after the COMMIT and raises what `work` raised; `read` cannot write."""

    def __init__(self, url: str) -> None:
        self._engine, self._read_engine = open_engine(url, writes=True), open_engine(url, writes=False)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="access.writer")
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="access.reader")

    async def start(self) -> None:
        await asyncio.to_thread(self._make_tables)

    async def run(self, work: Callable[[Session], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._write, work)

    async def read(self, work: Callable[[Session], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, work)

    async def close(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        self._engine.dispose()
        self._read_engine.dispose()

    def _make_tables(self) -> None:
        if self._engine.dialect.name == "sqlite" and self._engine.url.database:
            Path(self._engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        with self._engine.begin() as connection:
            SQLModel.metadata.create_all(connection, tables=[table(model) for model in TABLES])

    def _write(self, work: Callable[[Session], T]) -> T:
        with Session(self._engine, expire_on_commit=False) as tx, tx.begin():
            return work(tx)

    def _look(self, work: Callable[[Session], T]) -> T:
        with Session(self._read_engine, autoflush=False, expire_on_commit=False) as session:
            return work(session)
