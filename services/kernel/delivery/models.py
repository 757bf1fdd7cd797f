"""The ledger's tables. One row per (task, destination), one per try, one per destination."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from services.kernel.columns import UtcDateTime
from services.kernel.delivery import schedule
from services.kernel.messages import Request

PENDING, SENDING, UNKNOWN = "pending", "sending", "unknown"
DELIVERED, REFUSED, EXPIRED, DEAD = "delivered", "refused", "expired", "dead"
CALLED_OFF = "called_off"  # the service no longer wants it
OPEN: Final = (PENDING, SENDING, UNKNOWN)
FAILED: Final = (REFUSED, EXPIRED, DEAD)

# The ledger's queries repeat these words, or SQLite would not use the partial indexes.
IS_OPEN: Final = "settled_at IS NULL"
IS_WATCHED: Final = "settled_at IS NULL AND watch_at IS NOT NULL"
HAS_FAILED: Final = "state IN ('refused', 'expired', 'dead')"


class DeliveryRow(SQLModel, table=True):
    """A request to one partner and how far it got.

    state: pending → sending → delivered | refused | unknown → delivered | pending | expired | dead, or
    called_off.
    `body` is the request as JSON, its personal fields sealed. `status` and `reason` are of the last try.
    `attempts` and `refusals` count since automation (re)started, `fence` for ever: it numbers
    the tries.
    `owner`: the process that holds the lease (`Tx.instance`).
    `due_at`: the next try, or of an unknown one the next question; `watch_at`: a person may be needed;
    `raised_at`: a person was told. A row is open until `settled_at`.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        # The key first: led by the destination, this index would be taken for `delivery_open`.
        UniqueConstraint("key", "destination"),
        Index(
            "delivery_open", "destination", "state", "urgent", "due_at",
            sqlite_where=text(IS_OPEN), postgresql_where=text(IS_OPEN),
        ),
        # With a condition that nothing implies: else PostgreSQL takes it for `delivery_open`, and reads all.
        Index("delivery_watch", "watch_at", sqlite_where=text(IS_WATCHED), postgresql_where=text(IS_WATCHED)),
        Index("delivery_failed", "id", sqlite_where=text(HAS_FAILED), postgresql_where=text(HAS_FAILED)),
        Index("delivery_case", "case_id"),
    )  # fmt: skip
    id: UUID = Field(primary_key=True)
    key: str
    destination: str
    case_id: UUID
    kind: str
    body: bytes
    state: str = PENDING
    urgent: bool = False
    attempts: int = 0
    refusals: int = 0
    fence: int = 0
    owner: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime = Field(sa_type=UtcDateTime)
    give_up_at: datetime = Field(sa_type=UtcDateTime)
    watch_at: datetime = Field(sa_type=UtcDateTime, nullable=True)  # never is; see the index
    raised_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unknown_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status: int | None = None
    reason: str | None = None


class AttemptRow(SQLModel, table=True):
    """One try, written before the request leaves; open (`ended_at` None) means: it may have arrived.

    outcome: delivered | failed | refused | lost.
    """

    __tablename__ = "attempt"
    delivery_id: UUID = Field(primary_key=True)
    fence: int = Field(primary_key=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = None
    status: int | None = None
    reason: str | None = None


class DestinationRow(SQLModel, table=True):
    """A partner's circuit, limit and budget: `circuit.Destination`, kept."""

    __tablename__ = "destination"
    id: str = Field(primary_key=True)
    max_inflight: int | None = None
    failures: int = 0
    recent: str = ""
    open_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    open_seconds: float = 0
    disabled: str | None = None
    tokens: float = 0
    tokens_at: datetime = Field(sa_type=UtcDateTime)


def row_of(request: Request, row_id: UUID, now: datetime) -> dict[str, object]:
    """The ledger row of a new request: due at once or at its own time, leased to nobody."""
    due = max(now, request.not_before or now)
    ends = schedule.give_up_at(due, request.give_up_at)
    return {
        "id": row_id,
        "key": request.key,
        "destination": request.destination,
        "case_id": request.case_id,
        "kind": type(request).__name__,
        "body": request.model_dump_json().encode(),
        "state": PENDING,
        "urgent": request.urgent,
        "attempts": 0,
        "refusals": 0,
        "fence": 0,
        "owner": 0,
        "created_at": now,
        "due_at": due,
        "lease_until": now,
        "give_up_at": ends,
        "watch_at": schedule.watch_at(due, request.urgent, ends),
    }
