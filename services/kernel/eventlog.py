"""The event log: append at one end, follow at the other.

Every implementation keeps one promise, tested by tests/kernel/test_eventlog.py:

- `append` returns once the records are safe, and raises if they may not be;
- records of one case come back in the order they were appended;
- a record comes again until its follower said `done`, also after a crash;
- members of one group share the work: a case is with one member at a time; groups are independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

MAX_BODY = 900_000  # bytes of one event, on every log, so that a city can move from one to another


@dataclass(frozen=True, slots=True)
class Record:
    """An event in its envelope (CloudEvents binary mode): what a follower may read without decoding the body.

    `seq` is contiguous per (source, case_id) and starts at 1. `at` is an ISO 8601 instant in UTC.
    """

    id: str
    type: str
    source: str
    case_id: UUID
    seq: int
    at: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the log. `record` is None when its envelope cannot be read; `raw` then holds the bytes.

    A subject that is no case id is such an envelope: nothing could be kept in its order.
    """

    partition: int
    offset: int
    record: Record | None
    raw: bytes = b""


class RecordTooLarge(ValueError):
    """The log will never take this record; asking again cannot help."""


class LogUnavailable(ConnectionError):
    """The log does not answer now; the same call may succeed later."""


class LogUnusable(Exception):
    """The log cannot be used as it is configured; the message says why, in Chinese and English."""


class Follower(Protocol):
    @property
    def epoch(self) -> int:
        """Changes whenever other cases may have become ours: forget what was remembered of them."""

    async def fetch(self, limit: int, wait: float) -> list[Entry]:
        """Return up to `limit` entries after the last fetched; [] after `wait` seconds without any."""

    async def done(self, entries: Sequence[Entry]) -> None:
        """Everything up to these entries is finished; with none, everything fetched so far.

        Saved soon, not at once: redelivery is harmless. Between `fetch` and the next `done` or `fetch` the
        caller counts as busy, and its cases are not given to another member unless it takes very long.
        """

    async def close(self) -> None: ...


class EventLog(Protocol):
    """`apart`: seconds between two fetches that are worth it where nobody waits: what a fetch costs."""

    apart: float

    async def append(self, records: Sequence[Record]) -> None: ...

    async def follow(self, group: str) -> Follower: ...

    async def lag(self, group: str) -> int:
        """How many records the group has not finished. LogUnavailable when nobody can say."""

    async def failing(self) -> str | None:
        """For /readyz: None, or a code of what is not in order."""

    async def close(self) -> None: ...
