"""The running transaction, as handlers and units of work see it.

They say what is to be read and written; when is decided here: what only writes waits and leaves in one
statement with its group's others, before anything looks at its table, and at the end.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlmodel import SQLModel

from services.domain.events import Event
from services.kernel.columns import inserting
from services.kernel.database.port import Writing
from services.kernel.delivery.models import DeliveryRow, row_of
from services.kernel.kept import Held, Kept
from services.kernel.messages import Message, Request
from services.kernel.sql import Sql, Values, Write
from services.kernel.surroundings import Surroundings

R = TypeVar("R")
N = TypeVar("N")
Hearing = Mapping[type[Event], Callable[..., Iterable[Message]]]


class Tx:
    """A store's transaction. `now` is one instant for the whole group; `source` said the event in hand.

    `instance`: this process among those that share the database; 0 where nobody shares it.
    """

    def __init__(
        self, writing: Writing, now: datetime, service: str, around: Surroundings, hearing: Hearing
    ) -> None:
        self.now, self.service, self.source = now, service, service
        self.random: random.Random = around.random
        self.new_id: Callable[[], UUID] = around.new_id
        self.events: list[Event] = []
        self.requests = 0
        self._writing, self._hearing = writing, hearing
        self.dialect, self.instance = writing.dialect, writing.instance
        self._waiting: dict[tuple[Sql[object], tuple[str, ...]], list[Values]] = {}
        self._held: dict[Kept[Any], Held[Any]] = {}
        self._touched: set[str] = set()
        self._notes: dict[type[object], object] = {}
        self._at_end: list[Callable[[Tx], None]] = []

    def put(self, *messages: Message) -> None:
        """Let messages leave with this transaction. The service hears its own events here, at once."""
        for message in messages:
            if isinstance(message, Request):
                self.requests += 1
                self.insert(DeliveryRow, **row_of(message, self.new_id(), self.now))
                continue
            self.events.append(message)
            if handler := self._hearing.get(type(message)):
                said_by, self.source = self.source, self.service
                self.put(*handler(message, self))
                self.source = said_by

    def all(self, sql: Sql[R], /, **values: object) -> list[R]:
        """The rows that the statement finds."""
        self.flush(sql.tables)
        return self.fetch(sql, values)

    def one(self, sql: Sql[R], /, **values: object) -> R | None:
        """The first row that the statement finds."""
        found = self.all(sql, **values)
        return found[0] if found else None

    def run(self, sql: Sql[object], /, **values: object) -> int:
        """Run the statement now; how many rows it touched."""
        self._before_writing(sql)
        ready = sql.ready(self.dialect, values)
        return self._writing.run(ready.text, ready.values(values))

    def change(self, sql: Sql[R], /, **values: object) -> list[R]:
        """Run a statement that writes and gives rows back (RETURNING)."""
        self._before_writing(sql)
        return self.fetch(sql, values)

    def later(self, sql: Sql[object], /, **values: object) -> None:
        """Run the statement with the others of its kind, before anything looks at its tables.

        Not for tables of which rows are kept: those rows would not know of it.
        """
        key = (sql, tuple(values))
        rows = self._waiting.get(key)
        if rows is None:
            rows = self._waiting[key] = []
            self._touched |= sql.tables
        rows.append(values)

    def insert(self, model: type[SQLModel], **row: object) -> None:
        """Insert a row with its group's others; all of them name the same columns."""
        self.later(inserting(model), **row)
        for kept, held in self._held.items():
            if kept.model is model:
                held.rows.pop(row.get(kept.key), None)  # a row that the database numbers is not held

    def note(self, kind: type[N], make: Callable[["Tx"], N] | None = None) -> N:
        """This transaction's one `kind`: what a part remembers until the end."""
        found = self._notes.get(kind)
        if found is None:
            found = self._notes[kind] = make(self) if make else kind()
        return cast(N, found)

    def at_end(self, work: Callable[["Tx"], None]) -> None:
        """Call `work` before the commit, after all units."""
        self._at_end.append(work)

    def end(self) -> None:
        """Do what was left for the end."""
        for work in self._at_end:
            work(self)

    def write_all(self) -> None:
        """Write everything that waits."""
        self.flush(frozenset(self._touched))

    def held(self, kept: Kept[R]) -> Held[R]:
        """What is held of a table (services.kernel.kept)."""
        found = self._held.get(kept)
        if found is None:
            found = self._held[kept] = Held()
            self._touched |= {kept.table}
        return found

    def flush(self, tables: frozenset[str]) -> None:
        """Write what waits for these tables."""
        if self._touched.isdisjoint(tables):
            return
        going = [one for one in self._waiting if not one[0].tables.isdisjoint(tables)]
        writes: list[Write] = [(key[0], self._waiting.pop(key)) for key in going]
        for kept in self._held:
            if kept.table in tables:
                writes += kept.changes(self)
        if writes:
            self._writing.run_all(writes)

    def _before_writing(self, sql: Sql[object]) -> None:
        self.flush(sql.tables)
        for kept, held in self._held.items():
            if kept.table in sql.tables:
                held.stale = True

    def fetch(self, sql: Sql[R], values: Values) -> list[R]:
        """As `all`, without writing what waits."""
        ready = sql.ready(self.dialect, values)
        return ready.rows(self._writing.fetch(ready.text, ready.values(values)))
