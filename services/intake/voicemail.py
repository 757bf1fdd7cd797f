"""Voice mails that wait for an answer: who sees to each, and until when (the city's clock `voicemail`).

Round the clock, answered within three working days by named staff (语音留言). A voice mail leaves the list
when its case is closed, which is when its caller was told.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Integer, bindparam, select, text

from services.domain.city import City
from services.domain.clock_acts import start
from services.domain.clocks import RunningClock
from services.intake.models import WAITING, CaseRow
from services.intake.views import CaseLine
from services.kernel.columns import table
from services.kernel.sql import Look, Row, Sql

CLOCK: Final = "voicemail"
MOST: Final = 200
_CASE: Final = table(CaseRow)
_WAITING: Final = Sql(
    select(*(_CASE.c[name] for name in CaseLine.model_fields), _CASE.c.owner)
    .where(text(WAITING))
    .order_by(_CASE.c.case_id)
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Voicemail:
    """`clock` None: the city has no such clock. `overdue`: the time is up."""

    case: CaseLine
    owner: str | None
    clock: RunningClock | None
    overdue: bool


def waiting(look: Look, city: City, now: datetime) -> tuple[Voicemail, ...]:
    """The oldest first, at most MOST. Nothing personal."""
    return tuple(_voicemail(row, city, now) for row in look.all(_WAITING, most=MOST))


def answer_by(received_at: datetime, city: City) -> RunningClock | None:
    """The time in which a voice mail that came then must be answered."""
    period = next((one for one in city.clocks if one.id == CLOCK), None)
    return None if period is None else start(period, received_at, city.calendar)


def _voicemail(row: Row, city: City, now: datetime) -> Voicemail:
    line = CaseLine.model_construct(**{name: getattr(row, name) for name in CaseLine.model_fields})
    clock = answer_by(line.created_at, city)
    return Voicemail(line, row.owner, clock, clock is not None and clock.due < now)
