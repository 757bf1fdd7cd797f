"""A service's database that outlives its processes: SQLite in memory, one for all processes of the service.

As on PostgreSQL, a transaction takes its outbox numbers when it begins and is seen when it commits, so that
numbers of different cases come to light out of order.
"""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import cache
from typing import TypeVar

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel

from services.kernel.columns import table
from services.kernel.database.errors import Unsure
from services.kernel.database.port import Writing
from services.kernel.database.schema import History
from services.kernel.database.sessions import Looking
from services.kernel.database.shards import SHARDS, Shards
from services.kernel.database.sqlite import STATEMENTS, SqliteWriting
from services.kernel.service import KERNEL
from tests.kernel.cells import HEARD
from tests.simulation.loop import PROCESS

T = TypeVar("T")
NEW = "SELECT id, case_id FROM outbox WHERE id > ? ORDER BY id"
NEWER = "SELECT 1 FROM outbox WHERE case_id = ? AND id > ? AND id < ?"
TABLES = [table(one) for one in (*KERNEL.tables, *HEARD.tables)]
BLOCK = 8  # numbers that a transaction may use; they are never used again
FRESH = 10**9  # above it are rows that have no number of their own yet


@cache
def disk(name: str) -> "Disk":
    return Disk()


class Disk:
    """What is committed. `holders`: which process relays each shard, while it lives."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(
            ":memory:", check_same_thread=False, isolation_level=None, cached_statements=STATEMENTS
        )
        self.engine = create_engine("sqlite://", creator=lambda: self.connection, poolclass=StaticPool)
        SQLModel.metadata.create_all(self.engine, tables=TABLES)
        self.holders: dict[int, str] = {}
        self.alive: dict[str, Callable[[], None]] = {}
        self.reserved = 0

    def emptied(self) -> "Disk":
        """For the next world: what is compiled and prepared stays, what was kept is gone."""
        for one in TABLES:
            self.connection.execute(f"DELETE FROM {one.name}")  # noqa: S608 (our own names)
        self.connection.execute("DELETE FROM sqlite_sequence")
        self.connection.execute("INSERT INTO sqlite_sequence VALUES ('outbox', ?)", (FRESH,))
        self.holders, self.alive, self.reserved = {}, {}, 0
        return self

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()

    def forget(self, process: str) -> None:
        """Its session has ended, and with it every lock."""
        self.alive.pop(process, None)
        self.holders = {shard: holder for shard, holder in self.holders.items() if holder != process}


class MemoryDatabase:
    """One process's way to the disk (`services.kernel.database.port.Database`)."""

    shared = False

    def __init__(self, disk: Disk, now: Callable[[], datetime], chance: random.Random) -> None:
        self.disk, self.now, self.chance = disk, now, chance
        self.process = PROCESS.get()

    async def open(self, histories: Sequence[History], *, visiting: bool = False) -> None:
        await asyncio.sleep(self.chance.uniform(0.01, 0.2))

    async def transact(self, work: Callable[[Writing, datetime], T]) -> T:
        begins, self.disk.reserved = self.disk.reserved, self.disk.reserved + BLOCK
        await asyncio.sleep(self.chance.uniform(0.0, 0.3 if self.chance.random() < 0.1 else 0.02))
        failing = self.chance.random() < 0.01
        if failing and self.chance.random() < 0.5:
            raise Unsure("the connection was lost before the COMMIT arrived")
        result = self._commit(work, begins)
        await asyncio.sleep(self.chance.uniform(0.0, 0.01))
        if failing:
            raise Unsure("the answer of the COMMIT was lost")
        return result

    def _commit(self, work: Callable[[Writing, datetime], T], begins: int) -> T:
        connection = self.disk.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(SqliteWriting(connection), self.now())
            self._number(begins)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return result

    def _number(self, begins: int) -> None:
        """The new rows get the numbers taken at the beginning, unless their case has moved on meanwhile."""
        connection = self.disk.connection
        new = connection.execute(NEW, (FRESH,)).fetchall()
        moved = any(connection.execute(NEWER, (case, begins, FRESH)).fetchone() for _, case in new)
        if moved or len(new) > BLOCK:
            begins, self.disk.reserved = self.disk.reserved, self.disk.reserved + len(new)
        for place, (number, _) in enumerate(new, 1):
            connection.execute("UPDATE outbox SET id = ? WHERE id = ?", (begins + place, number))

    async def read(self, work: Callable[[Looking], T]) -> T:
        await asyncio.sleep(self.chance.uniform(0.0, 0.005))
        with Looking(self.disk.engine) as session:
            return work(session)

    def shards(self, woken: Callable[[], None]) -> Shards:
        return SharedShards(self.disk, self.process, woken)

    async def close(self) -> None:
        self.disk.forget(self.process)


class SharedShards:
    """Locks that end with their holder; whoever lives takes what is free, up to a fair share."""

    sole = False

    def __init__(self, disk: Disk, process: str, woken: Callable[[], None]) -> None:
        self._disk, self._process = disk, process
        disk.alive[process] = woken

    def held(self) -> Collection[int]:
        return [shard for shard, holder in self._disk.holders.items() if holder == self._process]

    async def share(self) -> bool:
        await asyncio.sleep(0.001)
        fair = -(-SHARDS // max(1, len(self._disk.alive)))
        ours = list(self.held())
        for shard in ours[fair:]:
            del self._disk.holders[shard]
        free = [shard for shard in range(SHARDS) if shard not in self._disk.holders]
        for shard in free[: max(0, fair - len(ours))]:
            self._disk.holders[shard] = self._process
        return self.held() != ours

    async def tell(self) -> None:
        for process, woken in self._disk.alive.items():
            if process != self._process:
                woken()

    async def close(self) -> None:
        self._disk.forget(self._process)
