"""The clocks of a case (期限): one row for every time that one was started.

A row is a `domain.clocks.RunningClock` at rest, and when the router is to look at it next: `next_at` is the
next reminder, the end, or the next step of the ladder after it; None while it stands still and once it has
ended. That column is the queue of due work (`signals`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Index, select, text
from sqlmodel import Field, SQLModel

from services.domain.clocks import Extended, Pause, RunningClock, State
from services.domain.periods import Clock
from services.kernel.among import among
from services.kernel.columns import UtcDateTime, table
from services.kernel.kept import Kept
from services.kernel.sql import Sql
from services.kernel.tx import Tx

DUE: Final = "next_at IS NOT NULL"  # queries repeat these, or SQLite does not use the partial indexes
OVERDUE: Final = "state = 'missed'"
NEAR: Final = "state = 'running' AND said > 0"


class RouterClock(SQLModel, table=True):
    """A clock of a case. `clock`: its id in deadlines.toml; `unit`: who must act, None: the hotline.

    `amount`, `article`: as the city had them when it started. `pauses`: JSON list of {since, until, reason};
    `extensions`: of {at, amount, by, reason}. `said`: the share of the period that was last announced;
    `steps`: steps of the ladder taken since it ran out. `told`: something was said of it, so its end is said.
    """

    __tablename__ = "router_clock"
    __table_args__ = (
        Index("router_clock_case", "case_id"),
        Index("router_clock_due", "next_at", sqlite_where=text(DUE), postgresql_where=text(DUE)),
        Index(
            "router_clock_overdue", "due", "id",
            sqlite_where=text(OVERDUE), postgresql_where=text(OVERDUE),
        ),
        Index("router_clock_near", "due", "id", sqlite_where=text(NEAR), postgresql_where=text(NEAR)),
    )  # fmt: skip
    id: UUID = Field(primary_key=True)
    case_id: UUID
    clock: str
    unit: str | None
    state: str
    amount: int
    article: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    due: datetime = Field(sa_type=UtcDateTime)
    provisional: bool
    urgent: bool
    pauses: str
    extensions: str
    said: float
    steps: int
    told: bool
    missed_at: datetime | None = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)
    next_at: datetime | None = Field(sa_type=UtcDateTime)


@dataclass(slots=True)
class Row:
    """A row of `router_clock`, as a transaction holds it."""

    id: UUID
    case_id: UUID
    clock: str
    unit: str | None
    amount: int
    article: str
    started_at: datetime
    due: datetime
    provisional: bool
    urgent: bool
    state: str = State.RUNNING.value
    pauses: str = "[]"
    extensions: str = "[]"
    said: float = 0.0
    steps: int = 0
    told: bool = False
    missed_at: datetime | None = None
    ended_at: datetime | None = None
    next_at: datetime | None = None

    def value(self, definition: Clock) -> RunningClock:
        """The clock, of this definition."""
        return RunningClock(
            definition, self.amount, self.started_at, self.due, self.provisional, self.urgent,
            State(self.state), _pauses(self.pauses), _extensions(self.extensions), self.missed_at,
            self.ended_at,
        )  # fmt: skip

    def take(self, clock: RunningClock) -> None:
        """Become what was made of the clock."""
        self.state, self.due, self.provisional = clock.state.value, clock.due, clock.provisional
        self.missed_at, self.ended_at, self.urgent = clock.missed_at, clock.ended_at, clock.urgent
        if clock.pauses:
            self.pauses = json.dumps([_written(one) for one in clock.pauses])
        if clock.extensions:
            self.extensions = json.dumps([
                {"at": one.at.isoformat(), "amount": one.amount, "by": one.approved_by, "reason": one.reason}
                for one in clock.extensions
            ])  # fmt: skip


class Running(NamedTuple):
    """Where an open clock is found."""

    id: UUID
    case_id: UUID


@dataclass(slots=True)
class _Known:
    """The open clocks of the cases that this transaction has looked up."""

    of: dict[UUID, list[UUID]] = field(default_factory=dict)


CLOCKS: Final = Kept(RouterClock, Row, key="id")
_TABLE: Final = table(RouterClock)
_OPEN: Final = Sql(
    select(_TABLE.c.id, _TABLE.c.case_id)
    .where(among(_TABLE.c.case_id, "cases"), _TABLE.c.ended_at.is_(None))
    .order_by(_TABLE.c.id),
    Running,
)  # fmt: skip


def look_up(tx: Tx, cases: Iterable[UUID]) -> None:
    """Load the open clocks of these cases with two statements."""
    known = tx.note(_Known).of
    if missing := {case for case in cases if case not in known}:  # a difference would hash all that is known
        known.update({case: [] for case in missing})
        for one in tx.all(_OPEN, cases=missing):
            known[one.case_id].append(one.id)
        CLOCKS.load(tx, [key for case in missing for key in known[case]])


def new_to_the_world(tx: Tx, case_id: UUID) -> None:
    """A case that has just come in has no clock yet: nobody need look."""
    tx.note(_Known).of.setdefault(case_id, [])


def open_clocks(tx: Tx, case_id: UUID) -> list[Row]:
    """The clocks of the case that have not ended, oldest first."""
    keys = tx.note(_Known).of.get(case_id)
    if keys is None:
        look_up(tx, (case_id,))
        keys = tx.note(_Known).of[case_id]
    rows = (CLOCKS.get(tx, key) for key in keys)
    return [row for row in rows if row is not None and row.ended_at is None]


def add(tx: Tx, row: Row) -> Row:
    look_up(tx, (row.case_id,))
    tx.note(_Known).of[row.case_id].append(row.id)
    return CLOCKS.add(tx, row)


def _pauses(written: str) -> tuple[Pause, ...]:
    return tuple(Pause(_at(one["since"]), _maybe(one["until"]), one["reason"]) for one in _read(written))


def _extensions(written: str) -> tuple[Extended, ...]:
    return tuple(
        Extended(_at(one["at"]), int(one["amount"]), one["by"], one["reason"]) for one in _read(written)
    )


def _written(pause: Pause) -> Mapping[str, str | None]:
    until = pause.until.isoformat() if pause.until else None
    return {"since": pause.since.isoformat(), "until": until, "reason": pause.reason}


def _read(written: str) -> Sequence[dict[str, str]]:
    found: list[dict[str, str]] = [] if written == "[]" else json.loads(written)
    return found


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else _at(text)
