"""One member of a group on the embedded log: reads from memory or file, and keeps the group's place."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from services.kernel.eventlog import Entry, Record
from services.kernel.lock import FileLock, Held

if TYPE_CHECKING:
    from services.kernel.eventlog_sqlite import SqliteEventLog

POLL = 0.25  # seconds; other processes append too and cannot nudge us
SAVE_EVERY = 1.0  # seconds between two savings of a follower's place


class SqliteFollower:
    """One member of a group. Its place moves with `fetch` and is saved with `done`, at most once a second."""

    def __init__(self, log: "SqliteEventLog", group: str) -> None:
        self.epoch = 0
        self.nudged = asyncio.Event()
        self._log, self._group = log, group
        self._lock = FileLock(log.path.parent / f"{log.path.name}-{group}.lock")
        self._holds = False
        self._place = self._finished = self._saved = 0
        self._saved_at = self._looked_at = 0.0

    async def fetch(self, limit: int, wait: float) -> list[Entry]:
        if not self._holds and not await self._take_over(wait):
            return []
        deadline = asyncio.get_running_loop().time() + wait
        while True:
            self.nudged.clear()
            entries = self._log.from_memory(self._place, limit)
            now = asyncio.get_running_loop().time()
            if entries is None or (not entries and now - self._looked_at >= POLL):
                entries = await asyncio.to_thread(self._from_file, limit)
                self._looked_at = now
            if entries:
                self._place = entries[-1].offset
                return entries
            if now >= deadline:
                self._save()
                return []
            with suppress(TimeoutError):
                async with asyncio.timeout(min(deadline - now, POLL)):
                    await self.nudged.wait()

    async def done(self, entries: Sequence[Entry]) -> None:
        self._finished = max(self._finished, entries[-1].offset if entries else self._place)
        if asyncio.get_running_loop().time() - self._saved_at >= SAVE_EVERY:
            self._save()

    async def close(self) -> None:
        if self._holds:
            await self._log.save_now(self._group, self._finished)
            self._lock.release()
            self._holds = False
        self._log.forget(self)

    async def _take_over(self, wait: float) -> bool:
        try:
            self._lock.acquire()
        except Held:
            await asyncio.sleep(min(wait, POLL))
            return False
        self._place = await asyncio.to_thread(self._log.place, self._group)
        self._finished = self._saved = self._place
        self.epoch += 1
        self._holds = True
        return True

    def _from_file(self, limit: int) -> list[Entry]:
        rows = self._log.query(
            "SELECT offset, id, type, source, case_id, seq, at, body FROM record"
            " WHERE offset > ? ORDER BY offset LIMIT ?", self._place, limit,
        )  # fmt: skip
        return [_entry(int(str(row[0])), row) for row in rows]

    def _save(self) -> None:
        if self._finished > self._saved:
            self._log.save(self._group, self._finished)
            self._saved, self._saved_at = self._finished, asyncio.get_running_loop().time()


def _entry(offset: int, row: tuple[object, ...]) -> Entry:
    _, identity, kind, source, case_id, seq, at, body = row
    try:
        case = UUID(str(case_id))
    except ValueError:
        return Entry(0, offset, None, repr(row).encode())
    if not isinstance(body, bytes) or not isinstance(seq, int):
        return Entry(0, offset, None, repr(row).encode())
    return Entry(0, offset, Record(str(identity), str(kind), str(source), case, seq, str(at), body))
