"""The rows of tries: written before a request leaves, closed with its answer, all of a group at once."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import bindparam, event, select, update
from sqlmodel import Session, col

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery.models import AttemptRow
from services.kernel.messages import Delivery
from services.kernel.store import Tx

_TABLE = table(AttemptRow)
_KEY = "kernel.delivery.attempts"
_CLOSE = update(_TABLE).where(
    _TABLE.c.delivery_id == bindparam("row"), _TABLE.c.fence == bindparam("number")
)  # sets the columns that the rows of `close_attempt` name
_LOST = (
    update(_TABLE)
    .where(among(_TABLE.c.delivery_id, "rows"), _TABLE.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"), outcome="lost", reason=bindparam("why"))
)


def open_attempt(tx: Tx, delivery: Delivery) -> None:
    tx.insert(AttemptRow, delivery_id=delivery.id, fence=delivery.fence, started_at=tx.now)


def close_attempt(
    tx: Tx, delivery: Delivery, outcome: str, status: int | None = None, reason: str | None = None
) -> None:
    closed = cast(list[dict[str, object]], tx.info.setdefault(_KEY, []))
    closed.append(
        {"row": delivery.id, "number": delivery.fence, "ended_at": tx.now,
         "outcome": outcome, "status": status, "reason": reason}
    )  # fmt: skip


def close_lost(tx: Tx, delivery_ids: Sequence[UUID], reason: str) -> None:
    """Close the open tries of these deliveries: nobody will settle them any more."""
    tx.connection().execute(_LOST, {"rows": delivery_ids, "at": tx.now, "why": reason})


def attempts_of(session: Session, delivery_id: UUID) -> list[AttemptRow]:
    """A delivery's tries, oldest first."""
    statement = select(AttemptRow).where(col(AttemptRow.delivery_id) == delivery_id)
    return list(session.scalars(statement.order_by(col(AttemptRow.fence))))


@event.listens_for(Tx, "before_commit")
def _write_last(tx: Tx) -> None:
    if closed := tx.info.pop(_KEY, None):
        tx.connection().execute(_CLOSE, closed)
