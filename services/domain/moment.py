"""When a case came in, as rules and people see it: by the city's own clock, never by UTC."""

from dataclasses import dataclass
from datetime import date, datetime

from services.domain.refusals import Refusal
from services.domain.work_calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Moment:
    """`hour`: 0 to 23. `workday`: None outside the years of the calendar. `work_time`: people answer now."""

    day: date
    hour: int
    workday: bool | None
    work_time: bool | None

    @classmethod
    def of(cls, at: datetime, calendar: WorkCalendar) -> "Moment":
        """00:30 in Nanjing is that day's, though in UTC it is still the day before."""
        local = at.astimezone(calendar.zone)
        try:
            workday, work_time = calendar.is_workday(local.date()), calendar.next_open(at) == at
        except Refusal:
            return cls(local.date(), local.hour, None, None)
        return cls(local.date(), local.hour, workday, work_time)
