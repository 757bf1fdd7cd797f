"""The rows of tries: written before a request leaves, closed with its answer, all of a group at once."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery.models import AttemptRow
from services.kernel.messages import Delivery
from services.kernel.sql import Sql
from services.kernel.tx import Tx

_TABLE: Final = table(AttemptRow)
_CLOSE: Final = Sql(
    update(_TABLE).where(_TABLE.c.delivery_id == bindparam("row"), _TABLE.c.fence == bindparam("number"))
)  # sets the columns that `close_attempt` names
_LOST: Final = Sql(
    update(_TABLE)
    .where(among(_TABLE.c.delivery_id, "rows"), _TABLE.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"), outcome="lost", reason=bindparam("why"))
)


def open_attempt(tx: Tx, delivery: Delivery) -> None:
    tx.insert(AttemptRow, delivery_id=delivery.id, fence=delivery.fence, started_at=tx.now)


def close_attempt(
    tx: Tx, delivery: Delivery, outcome: str, status: int | None = None, reason: str | None = None
) -> None:
    tx.later(
        _CLOSE, row=delivery.id, number=delivery.fence, ended_at=tx.now, outcome=outcome, status=status,
        reason=reason,
    )  # fmt: skip


def close_lost(tx: Tx, delivery_ids: Sequence[UUID], reason: str) -> None:
    """Close the open tries of these deliveries: nobody will settle them any more."""
    tx.run(_LOST, rows=delivery_ids, at=tx.now, why=reason)


def attempts_of(session: Session, delivery_id: UUID) -> list[AttemptRow]:
    """A delivery's tries, oldest first."""
    statement = select(AttemptRow).where(col(AttemptRow.delivery_id) == delivery_id)
    return list(session.scalars(statement.order_by(col(AttemptRow.fence))))
