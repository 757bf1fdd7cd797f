"""The writing connection inside a group's greenlet, and what a group has written as one statement.

A round trip costs both sides some 0.3 ms, and a group writes to half a dozen tables. What it has written to
different ones leaves together:

    WITH w0 AS (INSERT INTO a …), w1 AS (UPDATE b …) INSERT INTO c …
"""

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Final

import asyncpg
from sqlalchemy.util import await_only

from services.kernel.arrays import lists_of
from services.kernel.database.postgres_link import port_errors
from services.kernel.sql import Write

_PLACE: Final = re.compile(r"\$(\d+)")


class PostgresWriting:
    """`port.Writing`."""

    dialect = "postgresql"

    def __init__(self, connection: asyncpg.Connection, instance: int) -> None:
        self._connection, self.instance = connection, instance

    def fetch(self, text: str, values: Sequence[object]) -> Sequence[Sequence[object]]:
        with port_errors():
            found: Sequence[Sequence[object]] = await_only(self._connection.fetch(text, *values))
            return found

    def run(self, text: str, values: Sequence[object]) -> int:
        with port_errors():
            status: str = await_only(self._connection.execute(text, *values))
            return int(status.rpartition(" ")[2])

    def run_all(self, writes: Sequence[Write]) -> None:
        for together in independent(writes):
            if len(together) == len(together[0][1]) == 1:
                sql, (row,) = together[0]
                ready = sql.ready(self.dialect, row)
                self.run(ready.text, ready.values(row))
                continue
            texts: list[str] = []
            values: list[list[object]] = []
            for sql, rows in together:
                ready = sql.of_many(rows[0].keys())
                texts.append(ready.text)
                values.append(ready.values(lists_of(rows)))
            text = in_one(tuple(texts), tuple(map(len, values)))
            self.run(text, [value for each in values for value in each])


def independent(writes: Sequence[Write]) -> list[list[Write]]:
    """In their order, as many together as look at no table of each other.

    In one statement none sees what the others write: an UPDATE would miss a row that was inserted with it.
    """
    found: list[list[Write]] = []
    tables: set[str] = set()
    for write in writes:
        if not found or not tables.isdisjoint(write[0].tables):
            found.append([])
            tables = set()
        found[-1].append(write)
        tables |= write[0].tables
    return found


@lru_cache(maxsize=512)
def in_one(texts: tuple[str, ...], counts: tuple[int, ...]) -> str:
    """These statements as one. `counts`: how many values each has; they follow one another."""
    moved, before = [], 0
    for text, count in zip(texts, counts, strict=True):
        moved.append(_PLACE.sub(partial(_shifted, by=before), text))
        before += count
    *first, last = moved
    return f"WITH {', '.join(f'w{n} AS ({text})' for n, text in enumerate(first))} {last}" if first else last


def _shifted(place: re.Match[str], by: int) -> str:
    return f"${int(place[1]) + by}"
