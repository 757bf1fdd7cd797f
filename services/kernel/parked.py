"""Parked messages and dead letters: what could not be applied, kept in order, shown, and replayed.

A failing message is parked with its reason and tried again; later messages of its case queue behind it.
After ATTEMPTS tries, PATIENCE, or a permanent failure it is `dead`: it still holds its case until an operator
replays or skips it. Bytes without a readable envelope have no case: they become a dead letter.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Index, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col

from services.kernel.columns import UtcDateTime, table
from services.kernel.eventlog import Entry, Record
from services.kernel.store import Tx

ATTEMPTS = 8
PATIENCE = timedelta(hours=24)
FAILED, GAP, BEHIND = "failed", "gap", "behind"


class Parked(SQLModel, table=True):
    """A message that waits. state: waiting | dead | replay | skip (the last two ordered by an operator)."""

    __tablename__ = "parked"
    __table_args__ = (
        Index("parked_once", "source", "case_id", "seq", unique=True),
        Index("parked_due", "state", "next_at"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
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

    def record(self) -> Record:
        return Record(self.event_id, self.type, self.source, str(self.case_id), self.seq, self.at, self.body)


class DeadLetter(SQLModel, table=True):
    """Bytes in the log that carry no readable envelope."""

    __tablename__ = "dead_letter"
    id: int | None = Field(default=None, primary_key=True)
    partition: int
    offset: int
    raw: bytes
    seen_at: datetime = Field(sa_type=UtcDateTime)


class Skipped(SQLModel, table=True):
    """The audit of a message that an operator skipped: who, when, what, why."""

    __tablename__ = "skipped"
    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID
    source: str
    seq: int
    type: str
    error: str | None
    by: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)


def delay(attempts: int) -> timedelta:
    return timedelta(seconds=min(2.0**attempts, 3600))


def park(tx: Tx, record: Record, why: str, error: str | None = None, *, permanent: bool = False) -> None:
    """Park a message once; parked again, it stays as it was."""
    parked = table(Parked)
    known = select(parked.c.id).where(
        parked.c.source == record.source,
        parked.c.case_id == UUID(record.case_id),
        parked.c.seq == record.seq,
    )
    tx.flush_rows()
    if tx.connection().execute(known).first() is not None:
        return
    tx.insert(
        Parked, case_id=UUID(record.case_id), source=record.source, seq=record.seq, event_id=record.id,
        type=record.type, at=record.at, body=record.body, why=why, error=error, parked_at=tx.now,
        attempts=1 if why == FAILED else 0, next_at=tx.now + delay(0 if why != FAILED else 1),
        state="dead" if permanent else "waiting",
    )  # fmt: skip


def bury(tx: Tx, entry: Entry) -> None:
    tx.insert(DeadLetter, partition=entry.partition, offset=entry.offset, raw=entry.raw, seen_at=tx.now)


def postpone(tx: Tx, row: Parked, error: str) -> None:
    """Count a failed try; after too many or too long it is dead, until an operator decides."""
    attempts = row.attempts + 1
    dead = attempts >= ATTEMPTS or tx.now - row.parked_at >= PATIENCE
    tx.connection().execute(
        update(table(Parked))
        .where(col(Parked.id) == row.id)
        .values(
            why=FAILED, error=error, attempts=attempts,
            next_at=tx.now + delay(attempts), state="dead" if dead else "waiting",
        )
    )  # fmt: skip


def due_cases(session: Session, now: datetime, limit: int = 20) -> list[UUID]:
    """Cases with a message whose time has come or on which an operator has decided."""
    failed = aliased(Parked)
    held = exists().where(col(failed.case_id) == col(Parked.case_id), col(failed.why) == FAILED)
    statement = (
        select(col(Parked.case_id))
        .where(col(Parked.state).in_(("waiting", "replay", "skip")), col(Parked.next_at) <= now)
        .where(or_(col(Parked.why) != BEHIND, ~held, col(Parked.state) != "waiting"))
        .group_by(col(Parked.case_id))
        .order_by(func.min(col(Parked.next_at)))
        .limit(limit)
    )
    return list(session.scalars(statement))


def of_case(session: Session, case_id: UUID) -> list[Parked]:
    return list(
        session.scalars(select(Parked).where(col(Parked.case_id) == case_id).order_by(col(Parked.id)))
    )


def blocked_cases(session: Session) -> set[str]:
    """Cases held by a message that failed, as the guard keeps them."""
    return {
        str(case) for case in session.scalars(select(col(Parked.case_id)).where(col(Parked.why) == FAILED))
    }


def order(tx: Tx, parked_id: int, decision: str, by: str, reason: str) -> bool:
    """An operator's decision, "replay" or "skip", carried out by the service within a second."""
    row = tx.get(Parked, parked_id)
    if row is None:
        return False
    if decision == "skip":
        tx.insert(
            Skipped, case_id=row.case_id, source=row.source, seq=row.seq, type=row.type, error=row.error,
            by=by, reason=reason, at=tx.now,
        )  # fmt: skip
    row.state, row.next_at = decision, tx.now
    return True


def remove(tx: Tx, row: Parked) -> None:
    tx.connection().execute(delete(table(Parked)).where(col(Parked.id) == row.id))


def look_again(tx: Tx, row: Parked) -> None:
    """A gap is still open: look again later; after PATIENCE an operator must see it."""
    late = tx.now - row.parked_at >= PATIENCE
    tx.connection().execute(
        update(table(Parked))
        .where(col(Parked.id) == row.id)
        .values(
            attempts=row.attempts + 1,
            next_at=tx.now + delay(row.attempts),
            state="dead" if late else "waiting",
        )
    )
