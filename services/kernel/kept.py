"""Rows of one table, kept by a transaction: read together, changed in memory, written together at its end.

A batch holds several events of a case, and every event moves something. Read and written one by one, each
would cost two statements, on PostgreSQL two round trips. What a group's units need is therefore named before
they run (`Store.run(work, TASKS.want(key))`, `prefetch`), loaded with one statement, and changed by setting
attributes; what differs from what was read is written together.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar, cast

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import SQLModel

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.sql import Sql, Values, Write

if TYPE_CHECKING:
    from services.kernel.tx import Tx

R = TypeVar("R")


class Wanted(NamedTuple):
    """A row that a unit of work will look at."""

    kept: "Kept[Any]"
    key: Hashable


@dataclass(slots=True)
class Held(Generic[R]):
    """What a transaction holds of one table. None: there is no such row. `seen`: the rows as they were read.

    `stale`: a statement has written to the table since; what is held is read again before it is looked at.
    """

    rows: dict[Hashable, R | None] = field(default_factory=dict)
    seen: dict[Hashable, tuple[object, ...]] = field(default_factory=dict)
    new: list[Hashable] = field(default_factory=list)
    stale: bool = False


class Kept(Generic[R]):
    """`row`: a dataclass whose fields are columns of `model`, `key` (one column, the primary key) among them.

    On PostgreSQL the rows are locked when they are read, in the order of their keys: another replica of the
    service waits for the few milliseconds of a group.
    """

    def __init__(self, model: type[SQLModel], row: type[R], key: str) -> None:
        self.model, self.key, self.table, columns = model, key, table(model).name, table(model).c
        self._names: Final = tuple(one.name for one in fields(cast(Any, row)))
        self._values = attrgetter(*self._names)
        self._key_of = attrgetter(key)
        wanted = select(*(columns[name] for name in self._names)).where(among(columns[key], "keys"))
        self._load = Sql(wanted.order_by(columns[key]).with_for_update(), row)
        self._insert = Sql(insert(table(model)))
        self._update = Sql(update(table(model)).where(columns[key] == bindparam("row_key")))

    def want(self, key: Hashable) -> Wanted:
        """For `Store.run`: load it with what the group's other units want."""
        return Wanted(self, key)

    def load(self, tx: "Tx", keys: Iterable[Hashable]) -> None:
        """Read the rows of these keys that are not held yet, with one statement."""
        held = tx.held(self)
        missing = set(keys) - held.rows.keys()
        if held.stale:
            missing |= held.rows.keys()
        if not missing:
            return
        tx.flush(self._load.tables)
        held.stale = False
        gone = set(missing)
        for row in tx.fetch(self._load, {"keys": missing}):
            key, values = self._key_of(row), self._values(row)
            held.rows[key], held.seen[key] = self._same(held.rows.get(key), row, values), values
            gone.discard(key)
        for key in gone:
            held.rows[key] = None
            held.seen.pop(key, None)

    def get(self, tx: "Tx", key: Hashable) -> R | None:
        """The row with all that this transaction changed; None when there is no such row."""
        held = tx.held(self)
        if held.stale or key not in held.rows:
            self.load(tx, (key,))
        return held.rows[key]

    def add(self, tx: "Tx", row: R) -> R:
        """A new row; it may be changed further, and is inserted as it is at the end."""
        held, key = tx.held(self), self._key_of(row)
        held.rows[key] = row
        held.new.append(key)
        return row

    def know(self, tx: "Tx", row: R) -> R:
        """A row that `tx.insert` was just given, with more columns than are kept: nobody need read it."""
        held, key = tx.held(self), self._key_of(row)
        held.rows[key], held.seen[key] = row, self._values(row)
        return row

    def changes(self, tx: "Tx") -> list[Write]:
        """What is new, to be inserted, and the columns that have changed: it counts as written."""
        held, writes = tx.held(self), list[Write]()
        # One statement that sets all columns, not one for each set of them; but what a statement has written
        # since these rows were read would be undone by it.
        wide = tx.dialect == "postgresql" and not held.stale
        if held.new:
            fresh, held.new = held.new, []
            values = [self._values(held.rows[key]) for key in fresh]
            writes.append((self._insert, [dict(zip(self._names, row, strict=True)) for row in values]))
            held.seen.update(zip(fresh, values, strict=True))
        changed: defaultdict[tuple[str, ...], list[Values]] = defaultdict(list)
        for key, before in held.seen.items():
            now = self._values(held.rows[key])
            if now != before:
                held.seen[key] = now
                pairs = zip(self._names, before, now, strict=True)
                differs = {n: new for n, old, new in pairs if new != old or (wide and n != self.key)}
                changed[tuple(differs)].append({**differs, "row_key": key})
        return writes + [(self._update, rows) for rows in changed.values()]

    def _same(self, known: R | None, read: R, values: tuple[object, ...]) -> R:
        """The object that the transaction knows, as it was read now."""
        if known is None:
            return read
        for name, value in zip(self._names, values, strict=True):
            setattr(known, name, value)
        return known
