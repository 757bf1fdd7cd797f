"""Objections (退回): each is kept, counted and published per unit; and who stands above a dispute."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, func, select

from services.domain.events import TaskObjected
from services.domain.units import Roster, Unit
from services.kernel.columns import Big, UtcDateTime
from services.kernel.tx import Tx


class RouterObjection(SQLModel, table=True):
    """A unit sent a case back. `nth`: which objection of the case it was, from 1."""

    __tablename__ = "router_objection"
    __table_args__ = (Index("router_objection_at", "at", "unit"), {"sqlite_autoincrement": True})
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    case_id: UUID
    unit: str
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str
    proposed_unit: str | None
    nth: int


class Bounces(NamedTuple):
    """How often a unit sent cases back; `again`: of cases that had been sent back before."""

    unit: str
    objections: int
    again: int


def count(event: TaskObjected, nth: int, tx: Tx) -> None:
    tx.insert(
        RouterObjection, case_id=event.case_id, unit=event.unit, at=event.at, reason=event.reason,
        proposed_unit=event.proposed_unit, nth=nth,
    )  # fmt: skip


def by_unit(session: Session, since: datetime) -> Sequence[Bounces]:
    """Per unit since then, most first."""
    objections, again = func.count(), func.count().filter(col(RouterObjection.nth) > 1)
    wanted = (
        select(col(RouterObjection.unit), objections, again)
        .where(col(RouterObjection.at) >= since)
        .group_by(col(RouterObjection.unit))
        .order_by(objections.desc(), col(RouterObjection.unit))
    )
    return [Bounces(*row) for row in session.exec(wanted).all()]


def is_superior(roster: Roster, unit: str, tried: Collection[str]) -> bool:
    """Whether the unit stands above one of those that had the case: its word is a decision, no objection."""
    return any(one in roster.by_id and roster.by_id[one].superior == unit for one in tried)


def common_superior(roster: Roster, tried: Collection[str]) -> Unit | None:
    """The open unit above all that had the case; None where there is none above all of them."""
    above = {roster.by_id[unit].superior if unit in roster.by_id else None for unit in tried}
    if len(above) != 1 or (superior := above.pop()) is None or superior not in roster.by_id:
        return None
    return roster.open_unit(superior)
