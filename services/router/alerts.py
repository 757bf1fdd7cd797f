"""Alarms (值班告警): who was called for an urgent case, and who answered. `on_call` moves them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.domain.duty import Duty
from services.domain.work_calendar import WorkCalendar
from services.kernel.columns import UtcDateTime
from services.kernel.kept import Kept

OPEN, ACKNOWLEDGED, OVER = "open", "acknowledged", "over"
RINGING: Final = "next_at IS NOT NULL"
UNANSWERED: Final = "state = 'open'"


class RouterAlert(SQLModel, table=True):
    """An alarm for one unit. `officers`: who has the night, in order; `called`: who was called; by spaces.

    `state`: open → acknowledged (`staff`, `channel`: who answered and how) | over (the case moved on).
    """

    __tablename__ = "router_alert"
    __table_args__ = (
        Index("router_alert_due", "next_at", sqlite_where=text(RINGING), postgresql_where=text(RINGING)),
        Index(
            "router_alert_open", "began_at", sqlite_where=text(UNANSWERED), postgresql_where=text(UNANSWERED)
        ),
    )  # fmt: skip
    id: UUID = Field(primary_key=True)
    case_id: UUID
    unit: str
    officers: str
    called: str
    rounds: int
    state: str
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)
    staff: str | None
    channel: str | None
    next_at: datetime | None = Field(sa_type=UtcDateTime)


@dataclass(slots=True)
class Alert:
    """A row of `router_alert`."""

    id: UUID
    case_id: UUID
    unit: str
    officers: str
    began_at: datetime
    called: str = ""
    rounds: int = 0
    state: str = OPEN
    ended_at: datetime | None = None
    staff: str | None = None
    channel: str | None = None
    next_at: datetime | None = None


ALERTS: Final = Kept(RouterAlert, Alert, key="id")


@dataclass(frozen=True)
class OnCall:
    """The city's people, and when nobody is at the desks."""

    duty: Duty
    calendar: WorkCalendar
