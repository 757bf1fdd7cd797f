"""Parked messages and dead letters: what could not be applied, kept in order, shown, and replayed.

A failing message is parked with its reason and tried again; later messages of its case queue behind it.
After ATTEMPTS tries, PATIENCE, or a permanent failure it is `dead`: it still holds its case until an operator
replays or skips it. Bytes without a readable envelope have no case: they become a dead letter.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Index, Integer, bindparam, delete, exists, func, or_, select, update
from sqlmodel import Field, SQLModel

from services.kernel.among import among
from services.kernel.columns import Big, UtcDateTime, table
from services.kernel.eventlog import Entry, Record
from services.kernel.sql import Look, Sql
from services.kernel.tx import Tx

ATTEMPTS = 8
PATIENCE = timedelta(hours=24)
LOOK_AGAIN = timedelta(seconds=15)  # at most, between two looks for what is missing: nothing has failed
FAILED, GAP, BEHIND = "failed", "gap", "behind"


class Parked(SQLModel, table=True):
    """A message that waits. state: waiting | dead | replay | skip (the last two ordered by an operator)."""

    __tablename__ = "parked"
    __table_args__ = (
        Index("parked_once", "source", "case_id", "seq", unique=True),
        Index("parked_case", "case_id", "id"),
        Index("parked_due", "state", "next_at"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    case_id: UUID
    source: str
    seq: int
    event_id: str
    type: str
    at: str
    body: bytes
    why: str  # failed | gap | behind
    error: str | None = None  # the exception's name and place, never its text
    attempts: int = 0
    parked_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime = Field(sa_type=UtcDateTime)
    state: str = "waiting"


class DeadLetter(SQLModel, table=True):
    """Bytes in the log that carry no readable envelope."""

    __tablename__ = "dead_letter"
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    partition: int
    offset: int = Field(sa_type=Big)
    raw: bytes
    seen_at: datetime = Field(sa_type=UtcDateTime)


class Skipped(SQLModel, table=True):
    """The audit of a message that an operator skipped: who, when, what, why."""

    __tablename__ = "skipped"
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    case_id: UUID
    source: str
    seq: int
    type: str
    error: str | None
    by: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)


class Waiting(NamedTuple):
    """A parked message as it is tried again."""

    id: int
    case_id: UUID
    source: str
    seq: int
    event_id: str
    type: str
    at: str
    body: bytes
    why: str
    error: str | None
    attempts: int
    parked_at: datetime
    next_at: datetime
    state: str

    def record(self) -> Record:
        return Record(self.event_id, self.type, self.source, self.case_id, self.seq, self.at, self.body)


_ROWS: Final = table(Parked)
_FAILED: Final = _ROWS.alias()
_WAITING: Final = select(*(_ROWS.c[name] for name in Waiting._fields))
_OF_CASE: Final = Sql(_WAITING.where(_ROWS.c.case_id == bindparam("case")).order_by(_ROWS.c.id), Waiting)
_ONE: Final = Sql(_WAITING.where(_ROWS.c.id == bindparam("row")), Waiting)
_KNOWN: Final = Sql(
    select(_ROWS.c.id).where(
        _ROWS.c.source == bindparam("source"), _ROWS.c.case_id == bindparam("case"),
        _ROWS.c.seq == bindparam("seq"),
    )
)  # fmt: skip
_HELD: Final = exists().where(_FAILED.c.case_id == _ROWS.c.case_id, _FAILED.c.why == FAILED)
_DUE: Final = Sql(
    select(_ROWS.c.case_id)
    .where(or_(*(_ROWS.c.state == state for state in ("waiting", "replay", "skip"))))
    .where(_ROWS.c.next_at <= bindparam("now"))
    .where(or_(_ROWS.c.why != BEHIND, ~_HELD, _ROWS.c.state != "waiting"))
    .group_by(_ROWS.c.case_id)
    .order_by(func.min(_ROWS.c.next_at))
    .limit(bindparam("most", type_=Integer))
)
_NUMBERS: Final = Sql(
    select(_ROWS.c.case_id, _ROWS.c.source, _ROWS.c.seq).where(among(_ROWS.c.case_id, "cases"))
)
_CHANGE: Final = Sql(update(_ROWS).where(_ROWS.c.id == bindparam("row")))  # sets the columns that are given
_REMOVE: Final = Sql(delete(_ROWS).where(_ROWS.c.id == bindparam("row")))


def delay(attempts: int) -> timedelta:
    return timedelta(seconds=min(2.0 ** min(attempts, 12), 3600))


def park(tx: Tx, record: Record, why: str, error: str | None = None, *, permanent: bool = False) -> None:
    """Park a message once; parked again, it stays as it was."""
    if tx.one(_KNOWN, source=record.source, case=record.case_id, seq=record.seq) is not None:
        return
    tx.insert(
        Parked, case_id=record.case_id, source=record.source, seq=record.seq, event_id=record.id,
        type=record.type, at=record.at, body=record.body, why=why, error=error, parked_at=tx.now,
        attempts=1 if why == FAILED else 0, next_at=tx.now + delay(0 if why != FAILED else 1),
        state="dead" if permanent else "waiting",
    )  # fmt: skip


def bury(tx: Tx, entry: Entry) -> None:
    tx.insert(DeadLetter, partition=entry.partition, offset=entry.offset, raw=entry.raw, seen_at=tx.now)


def postpone(tx: Tx, row: Waiting, error: str) -> None:
    """Count a failed try; after too many or too long it is dead, until an operator decides."""
    attempts = row.attempts + 1
    dead = attempts >= ATTEMPTS or tx.now - row.parked_at >= PATIENCE
    tx.run(
        _CHANGE, row=row.id, why=FAILED, error=error, attempts=attempts, next_at=tx.now + delay(attempts),
        state="dead" if dead else "waiting",
    )  # fmt: skip


def due_cases(look: Look, now: datetime, limit: int = 20) -> list[UUID]:
    """Cases with a message whose time has come or on which an operator has decided."""
    return [row.case_id for row in look.all(_DUE, now=now, most=limit)]


def of_case(look: Look, case_id: UUID) -> list[Waiting]:
    """A case's parked messages, in the order in which they came."""
    return look.all(_OF_CASE, case=case_id)


def numbers_of(look: Look, cases: Collection[UUID]) -> set[tuple[UUID, str, int]]:
    """(case, source, seq) of what is parked of these cases."""
    return {(row.case_id, row.source, row.seq) for row in look.all(_NUMBERS, cases=cases)}


def order(tx: Tx, parked_id: int, decision: str, by: str, reason: str) -> bool:
    """An operator's decision, "replay" or "skip", carried out by the service within a second."""
    row = tx.one(_ONE, row=parked_id)
    if row is None:
        return False
    if decision == "skip":
        tx.insert(
            Skipped, case_id=row.case_id, source=row.source, seq=row.seq, type=row.type, error=row.error,
            by=by, reason=reason, at=tx.now,
        )  # fmt: skip
    tx.run(_CHANGE, row=row.id, state=decision, next_at=tx.now)
    return True


def remove(tx: Tx, row: Waiting) -> None:
    tx.run(_REMOVE, row=row.id)


def look_again(tx: Tx, row: Waiting) -> None:
    """A gap is open, or it is too early, still: look again later; after PATIENCE an operator must see it."""
    late, soon = tx.now - row.parked_at >= PATIENCE, min(delay(row.attempts), LOOK_AGAIN)
    state = "dead" if late else "waiting"
    tx.run(_CHANGE, row=row.id, attempts=row.attempts + 1, next_at=tx.now + soon, state=state)
