"""The figures of one service by which it is watched: the same for metrics, alarms and the operator's page."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, TextClause, func, or_, select, text
from sqlmodel import Session, SQLModel, col

from services.kernel.delivery.models import HAS_FAILED, DeliveryRow, DestinationRow
from services.kernel.outbox import Outgoing
from services.kernel.parked import DeadLetter, Parked

STUCK_AFTER: Final = timedelta(minutes=30)
LATELY: Final = timedelta(days=1)
_OPEN: Final = col(DeliveryRow.settled_at).is_(None)
FIGURES: Final[Mapping[str, str]] = {
    "outbox_rows": "Rows not yet in the log",
    "outbox_seconds": "Age of the oldest row not yet in the log",
    "log_records": "Records that the service has not handled yet",
    "parked_waiting": "Messages that wait for another try, or for an order to be carried out",
    "parked_dead": "Messages that wait for a person",
    "dead_letters": "Records of the last day in the log that nobody can read",
    "deliveries_open": "Deliveries without a result",
    "deliveries_stuck": "Deliveries that were tried, without a result after thirty minutes",
    "deliveries_failed": "Deliveries whose automation ended without success in the last day",
    "partners_closed": "Partners that are closed or whose circuit is open",
    "restarts": "Loops that failed and were started again",
}


def count(session: Session, now: datetime) -> dict[str, float]:
    """What the database says; the log's and the process's own figures are the caller's to add."""
    waiting = col(Outgoing.published_at).is_(None)
    rows, oldest = session.execute(select(func.count(), func.min(col(Outgoing.at))).where(waiting)).one()
    states = {
        str(state): int(number)
        for state, number in session.execute(
            select(col(Parked.state), func.count()).group_by(col(Parked.state))
        )
    }
    dead = states.pop("dead", 0)
    return {
        "outbox_rows": rows,
        "outbox_seconds": max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        "parked_waiting": sum(states.values()),
        "parked_dead": dead,
        "dead_letters": _number(session, DeadLetter, col(DeadLetter.seen_at) > now - LATELY),
        "deliveries_open": _number(session, DeliveryRow, _OPEN),
        "deliveries_stuck": _number(
            session,
            DeliveryRow,
            _OPEN,
            col(DeliveryRow.created_at) < now - STUCK_AFTER,
            col(DeliveryRow.attempts) > 0,
        ),
        "deliveries_failed": _number(
            session, DeliveryRow, text(HAS_FAILED), col(DeliveryRow.settled_at) > now - LATELY
        ),
        "partners_closed": _number(
            session,
            DestinationRow,
            or_(col(DestinationRow.disabled).is_not(None), col(DestinationRow.open_until) > now),
        ),
    }


def _number(session: Session, model: type[SQLModel], *where: ColumnElement[bool] | TextClause) -> float:
    return float(session.scalar(select(func.count()).select_from(model).where(*where)) or 0)
