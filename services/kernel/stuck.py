"""What is stuck in one service: parked messages, deliveries, partners.

Nothing here shows a case's content: types, codes, counts and instants only.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlmodel import Session, col

from services.kernel.alarms import Alarm
from services.kernel.cell import Cell
from services.kernel.delivery import operate
from services.kernel.gauges import observe
from services.kernel.outbox import Outgoing
from services.kernel.parked import DeadLetter, Parked

MOST = 200  # rows of one kind that are listed; the counts are of all


class ParkedOut(BaseModel):
    """A message that waits; `id` is its number for replay and skip."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    case_id: UUID
    source: str
    seq: int
    type: str
    why: str
    error: str | None
    attempts: int
    state: str
    parked_at: datetime
    next_at: datetime


class DeliveryOut(BaseModel):
    """A request under way, or one whose automation ended without success."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    destination: str
    case_id: UUID
    kind: str
    state: str
    urgent: bool
    attempts: int
    created_at: datetime
    due_at: datetime
    status: int | None
    reason: str | None


class AlarmOut(BaseModel):
    """An alarm that rings: the figure, what it must not exceed, since when it does, and what to do."""

    name: str
    metric: str
    value: float
    above: float
    since: datetime
    zh: str
    en: str


class DestinationOut(BaseModel):
    """A partner: `disabled` is a code when nothing is sent there, `open_until` when its circuit is open."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    failures: int
    open_until: datetime | None
    disabled: str | None


@dataclass(frozen=True)
class _Look:
    outbox: int
    letters: int
    parked: list[ParkedOut]
    deliveries: list[DeliveryOut]
    failed: list[DeliveryOut]
    destinations: list[DestinationOut]


class ServiceOut(BaseModel):
    """One service: what rings, rows not yet in the log, records of the log not yet heard, and what waits."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    alarms: list[AlarmOut]
    outbox: int
    lag: int
    restarts: int
    letters: int
    parked: list[ParkedOut]
    deliveries: list[DeliveryOut]
    failed: list[DeliveryOut]
    destinations: list[DestinationOut]


async def look(cell: Cell) -> ServiceOut:
    """What rings and what waits in one service."""
    seen, alarms = await cell.service.store.read(_look), [_out(alarm) for alarm in await observe(cell)]
    lag = await cell.log.lag(cell.service.name) if cell.service.handlers else 0
    return ServiceOut(name=cell.service.name, alarms=alarms, lag=lag, restarts=cell.restarts, **vars(seen))


def _out(alarm: Alarm) -> AlarmOut:
    rule = alarm.rule
    return AlarmOut(
        name=rule.name, metric=rule.metric, value=alarm.value, above=rule.above, since=alarm.since,
        zh=rule.zh, en=rule.en,
    )  # fmt: skip


def _look(session: Session) -> _Look:
    unpublished = select(func.count()).select_from(Outgoing).where(col(Outgoing.published_at).is_(None))
    waiting = select(Parked).order_by(col(Parked.id)).limit(MOST)
    return _Look(
        outbox=session.scalar(unpublished) or 0,
        letters=session.scalar(select(func.count()).select_from(DeadLetter)) or 0,
        parked=[ParkedOut.model_validate(row) for row in session.scalars(waiting)],
        deliveries=[DeliveryOut.model_validate(one) for one in operate.list_open(session, limit=MOST)],
        failed=[
            DeliveryOut.model_validate(one) for one in operate.list_open(session, failed=True, limit=MOST)
        ],
        destinations=[
            DestinationOut.model_validate(one)
            for one in operate.list_destinations(session)
            if one.disabled or one.failures
        ],
    )
