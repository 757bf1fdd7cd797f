"""A store in one SQLite file: the writer runs in the event loop, and a file lock says whose it is.

Between two threads every SQLite call gives the interpreter away and waits to get it back, which measured at
three times the time of the work itself (docs/decisions/0006).
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy.engine import make_url

from services.kernel.database.commits import Committer
from services.kernel.database.engines import WAIT_IN_LOOP, open_engine, prepare_connection
from services.kernel.database.errors import Collision, Passing, Unsure
from services.kernel.database.port import Writing
from services.kernel.database.schema import History, bring_up
from services.kernel.database.sessions import Looking, ThreadSessions
from services.kernel.database.shards import AllShards, Shards
from services.kernel.lock import FileLock
from services.kernel.sql import Write
from services.kernel.writer import Later

T = TypeVar("T")
_UNIQUE: Final = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
_MISTAKE: Final = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH})
STATEMENTS: Final = 512  # prepared statements that the connection keeps; 128 are fewer than a service has


@contextmanager
def _errors() -> Iterator[None]:
    """sqlite3's errors as the port's."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode in _UNIQUE:
            raise Collision(str(error)) from error
        raise
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in _MISTAKE:
            raise
        raise Passing(error.sqlite_errorname) from error


class SqliteWriting:
    """The writing connection (`database.Writing`)."""

    dialect = "sqlite"
    instance = 0

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fetch(self, text: str, values: Sequence[object]) -> Sequence[Sequence[object]]:
        with _errors():
            return self._connection.execute(text, values).fetchall()

    def run(self, text: str, values: Sequence[object]) -> int:
        with _errors():
            return self._connection.execute(text, values).rowcount

    def run_all(self, writes: Sequence[Write]) -> None:
        for sql, rows in writes:
            ready = sql.ready(self.dialect, rows[0])
            with _errors():
                if len(rows) == 1:
                    self._connection.execute(ready.text, ready.values(rows[0]))
                else:
                    self._connection.executemany(ready.text, [ready.values(row) for row in rows])


class SqliteDatabase:
    """The file that `url` names. `now` is this machine's clock: there is no other on one machine."""

    shared = False

    def __init__(self, url: str, now: Callable[[], datetime]) -> None:
        self._url, self.now = url, now
        self.path = Path(make_url(url).database or "")
        self._lock = FileLock(Path(f"{self.path}.lock"))
        self._connection: sqlite3.Connection | None = None
        self._committer: Committer | None = None
        self._sessions = ThreadSessions(open_engine(url, writes=False), None, self.path.stem)

    async def open(self, histories: Sequence[History], *, visiting: bool = False) -> None:
        await asyncio.to_thread(self._open, histories, visiting)

    def _open(self, histories: Sequence[History], visiting: bool) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not visiting:
            self._lock.acquire()
            bring_up_file(self._url, histories)
        self._connection = sqlite3.connect(self.path, check_same_thread=False, cached_statements=STATEMENTS)
        prepare_connection(self._connection, WAIT_IN_LOOP)
        self._committer = Committer(self._connection)

    async def transact(self, work: Callable[[Writing, datetime], T]) -> T:
        if self._connection is None or self._committer is None:
            raise RuntimeError(f"{self.path} is not open")
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Later from None
            raise Passing(error.sqlite_errorname) from error
        try:
            result = work(SqliteWriting(connection), self.now())
            try:
                with _errors():
                    await self._committer.commit()
            except Passing as error:
                raise Unsure(str(error)) from error
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    async def read(self, work: Callable[[Looking], T]) -> T:
        return await self._sessions.read(work)

    def shards(self, woken: Callable[[], None]) -> Shards:
        return AllShards()

    async def close(self) -> None:
        if self._committer is not None:
            self._committer.close()
        await self._sessions.close()
        self._lock.release()


def bring_up_file(url: str, histories: Sequence[History]) -> list[str]:
    """Make the tables, or change them to their newest version, all or nothing; what was done."""
    engine = open_engine(url, writes=True)
    try:
        with engine.begin() as connection:
            return bring_up(connection, histories, Path(make_url(url).database or "").name)
    finally:
        engine.dispose()
