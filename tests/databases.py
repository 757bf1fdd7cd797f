"""Databases on a test's PostgreSQL: each copied from a template in some 40 ms, looked into, and dropped.

All of it runs in a thread and a loop of its own: tests call it from inside their loops and from fixtures.
"""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Self, TypeVar

import asyncpg

from services.kernel.database.migration import migrate
from services.kernel.database.schema import History
from tools.real.postgres import Postgres

T = TypeVar("T")


class Databases:
    """`with Databases(server) as databases: databases.make("one", histories)`."""

    def __init__(self, server: Postgres) -> None:
        self.server = server
        self._templates: dict[tuple[History, ...], str] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="databases", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def make(self, name: str, histories: tuple[History, ...] = ()) -> None:
        """A new database with the tables of these histories; without any, with no tables."""
        template = self._template(histories) if histories else "template0"
        self.run("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop(self, name: str) -> None:
        """Whoever is still connected to it is put out."""
        self.run("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def rows(self, name: str, query: str) -> Sequence[tuple[object, ...]]:
        return self._wait(self._fetch(name, query))

    def run(self, name: str, *statements: str) -> None:
        """Run these, each in a transaction of its own."""
        self._wait(self._execute(name, statements))

    def _template(self, histories: tuple[History, ...]) -> str:
        if histories not in self._templates:
            name = f"template_{len(self._templates)}"
            # Sorted as in a Chinese city's database: nothing may rely on the order of texts.
            how = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'zh-Hans-CN'"
            self.run("postgres", f'CREATE DATABASE "{name}" {how}')
            self._wait(migrate(self.server.url(name), histories))
            self._templates[histories] = name
        return self._templates[histories]

    def _wait(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _execute(self, name: str, statements: Sequence[str]) -> None:
        connection = await asyncpg.connect(self.server.url(name))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def _fetch(self, name: str, query: str) -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(self.server.url(name))
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()
