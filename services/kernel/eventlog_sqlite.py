"""The event log of one machine: a table, a place per group, and a nudge on append.

All appends that wait become one commit. Followers in this process read the newest records from memory;
older ones, and those that another process appended, come from the file. Of several members of a group one
follows and the others stand by: the group's lock passes on when its holder ends or dies.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.kernel.database.commits import Committer
from services.kernel.database.engines import WAIT, WAIT_IN_LOOP, prepare_connection
from services.kernel.eventlog import MAX_BODY, Entry, Record, RecordTooLarge
from services.kernel.follower_sqlite import SqliteFollower
from services.kernel.writer import Job, Later, Writer

MEMORY_RECORDS, MEMORY_BYTES = 2_000, 8 << 20

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    offset INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, type TEXT NOT NULL, source TEXT NOT NULL,
    case_id TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS follower (name TEXT PRIMARY KEY, offset INTEGER NOT NULL);
"""
_LAST = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'record'"
_SAVE = (
    "INSERT INTO follower VALUES (?, ?)"
    " ON CONFLICT (name) DO UPDATE SET offset = max(offset, excluded.offset)"
)


@dataclass(frozen=True, slots=True)
class _Entries:
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class _Place:
    group: str
    offset: int


class SqliteEventLog:
    """A log in the file `path`, shared by any number of processes of one machine."""

    apart = 0.005  # a fetch reads memory

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()
        self._read = self._connect(WAIT)
        self._write = self._connect(WAIT_IN_LOOP)
        self._committer = Committer(self._write)
        self._writer = Writer[_Entries | _Place]("log.writer", self._group)
        self._recent: deque[Entry] = deque()
        self._recent_bytes = 0
        self._followers: set[SqliteFollower] = set()

    async def start(self) -> None:
        await asyncio.to_thread(self._write.executescript, _SCHEMA)

    async def append(self, records: Sequence[Record]) -> None:
        for record in records:
            if len(record.body) > MAX_BODY:
                raise RecordTooLarge(f"{record.type} of {len(record.body)} bytes; at most {MAX_BODY}")
        if records:
            await self._writer.run(_Entries(records))

    async def follow(self, group: str) -> "SqliteFollower":
        """Become a member of the group; `fetch` gives nothing while another member follows."""
        follower = SqliteFollower(self, group)
        self._followers.add(follower)
        return follower

    async def lag(self, group: str) -> int:
        def query() -> int:
            return int(str(self.query(_LAST)[0][0])) - self.place(group)

        return await asyncio.to_thread(query)

    async def failing(self) -> str | None:
        return None  # a file that cannot be written fails every append, and the outbox grows

    async def close(self) -> None:
        for follower in list(self._followers):
            await follower.close()
        await self._writer.close()
        self._read.close()
        self._committer.close()

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with self._lock:
            return self._read.execute(sql, values).fetchall()

    def place(self, group: str) -> int:
        rows = self.query("SELECT offset FROM follower WHERE name = ?", group)
        return int(str(rows[0][0])) if rows else 0

    def save(self, group: str, offset: int) -> None:
        """Write a group's place with the next commit; lost in a crash, it makes records come again."""
        self._writer.later(_Place(group, offset))

    async def save_now(self, group: str, offset: int) -> None:
        await self._writer.run(_Place(group, offset))

    def from_memory(self, after: int, limit: int) -> list[Entry] | None:
        """The entries that follow `after`, or None when memory does not reach back so far."""
        if not self._recent or self._recent[0].offset > after + 1:
            return None
        skip = after + 1 - self._recent[0].offset
        return [self._recent[i] for i in range(skip, min(skip + limit, len(self._recent)))]

    def forget(self, follower: "SqliteFollower") -> None:
        self._followers.discard(follower)

    def _connect(self, wait: int) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, check_same_thread=False)
        prepare_connection(connection, wait)
        return connection

    async def _group(self, jobs: "list[Job[_Entries | _Place]]") -> None:
        try:
            self._write.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            raise Later from None
        try:
            last: int = self._write.execute(_LAST).fetchone()[0]
            works = [job.work for job in jobs]
            records = [record for work in works if isinstance(work, _Entries) for record in work.records]
            entries = [Entry(0, last + n, record) for n, record in enumerate(records, 1)]
            self._write.executemany(
                "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(e.offset, r.id, r.type, r.source, str(r.case_id), r.seq, r.at, r.body)
                 for e, r in zip(entries, records, strict=True)],
            )  # fmt: skip
            self._write.executemany(_SAVE, [(w.group, w.offset) for w in works if isinstance(w, _Place)])
            await self._committer.commit()
        except sqlite3.Error as error:
            if self._write.in_transaction:
                self._write.execute("ROLLBACK")
            for job in jobs:
                job.error = error
            return
        self._nudge(entries)

    def _nudge(self, entries: Sequence[Entry]) -> None:
        if self._recent and entries and entries[0].offset != self._recent[-1].offset + 1:
            self._recent.clear()  # another process appended in between: memory must have no holes
            self._recent_bytes = 0
        for entry in entries:
            self._recent.append(entry)
            self._recent_bytes += len(entry.record.body) if entry.record else 0
        while len(self._recent) > MEMORY_RECORDS or self._recent_bytes > MEMORY_BYTES:
            old = self._recent.popleft()
            self._recent_bytes -= len(old.record.body) if old.record else 0
        for follower in self._followers:
            follower.nudged.set()
