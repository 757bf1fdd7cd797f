"""What an operator watches in every running service: what has not left, what waits, how far behind it is."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from services.kernel import metrics
from services.kernel.cell import Cell
from services.kernel.outbox import Outgoing
from services.kernel.parked import Parked


async def observe(cell: Cell) -> None:
    """Bring the gauges of one service up to date: three small indexed queries."""
    name, store = cell.service.name, cell.service.store
    rows, oldest, parked = await store.read(_query)
    metrics.OUTBOX_ROWS.labels(name).set(rows)
    age = (store.around.now() - oldest).total_seconds() if oldest else 0.0
    metrics.OUTBOX_LAG.labels(name).set(max(age, 0.0))
    for state in ("waiting", "dead"):
        metrics.PARKED.labels(name, state).set(parked.get(state, 0))
    if cell.service.handlers:
        metrics.LOG_LAG.labels(name).set(await cell.log.lag(name))


def _query(session: Session) -> tuple[int, datetime | None, dict[str, int]]:
    waiting = col(Outgoing.published_at).is_(None)
    rows, oldest = session.execute(select(func.count(), func.min(col(Outgoing.at))).where(waiting)).one()
    states = select(col(Parked.state), func.count().label("rows")).group_by(col(Parked.state))
    return rows, oldest, {row.state: row.rows for row in session.execute(states)}
