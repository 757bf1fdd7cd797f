"""The city's work calendar: working days, the hours of service on them, and when a period ends.

How periods (期间) are counted, for want of a rule in the labour and petition regulations themselves: the day
of the start does not count (民法典 art 201), a period whose last day is off ends on the next working day, and
the last day ends when its service ends, not at midnight (art 203: 停止业务活动的时间为截止时间).
So what people are shown is the last day, and the instant is the close of its service. Minutes run from the
instant itself. All by the city's own clock: 00:30 in Nanjing is not yesterday.
"""

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from services.domain.hours import Hours
from services.domain.published_years import PublishedYear
from services.domain.workdays import Day, Workdays

_NONE: Final = timedelta()
_MINUTE: Final = timedelta(minutes=1)


class Due(NamedTuple):
    """When a period ends (UTC). `provisional`: a notice that is still to come may move it."""

    at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """Every instant is aware; what is returned is in UTC. `service`: openings and closings since midnight.

    An instant outside the years that are laid out is refused (Refusal `outside-calendar`).
    """

    zone: ZoneInfo
    days: Workdays
    service: tuple[tuple[timedelta, timedelta], ...]
    day_length: timedelta

    @classmethod
    def of(cls, hours: Hours, years: Sequence[PublishedYear]) -> "WorkCalendar":
        """The calendar of a city with these hours; `years`: published ones, in order and without gaps."""
        service = tuple((_since_midnight(one.opens), _since_midnight(one.closes)) for one in hours.interval)
        day_length = sum((closes - opens for opens, closes in service), _NONE)
        return cls(ZoneInfo(hours.zone), Workdays.of(years, hours), service, day_length)

    def day(self, day: date) -> Day:
        """Whether the day is worked, and whether that is published or provisional."""
        return self.days.day(day.toordinal())

    def is_workday(self, day: date) -> bool:
        return self.days.is_workday(day.toordinal())

    def add_working_days(self, start: datetime, days: int) -> Due:
        """The end of the `days`-th working day after the day of `start`. `days` ≥ 1."""
        return self.close_of(self.days.nth(self.days.count_before(self.ordinal(start) + 1) + days - 1))

    def add_calendar_days(self, start: datetime, days: int) -> Due:
        """The end of the `days`-th day (自然日) after that of `start`, or of the next workday."""
        return self.close_after(self.ordinal(start) + days)

    def add_work_minutes(self, start: datetime, minutes: int) -> Due:
        """After so many minutes of service; a start outside the hours waits for the next opening."""
        return self.after_service(start, minutes * _MINUTE)

    def after_service(self, start: datetime, span: timedelta) -> Due:
        """The earliest instant by which `span` of service has passed since `start`; `start` for none."""
        if span <= _NONE:
            return Due(start.astimezone(UTC), self.days.is_provisional(self.ordinal(start)))
        count, rest = divmod(self._served(start) + span, self.day_length)
        if rest == _NONE:  # the end of a day, not the beginning of the next
            count, rest = count - 1, self.day_length
        ordinal = self.days.nth(count)
        for opens, closes in self.service[:-1]:
            if rest <= closes - opens:
                return self._due(ordinal, opens + rest)
            rest -= closes - opens
        return self._due(ordinal, self.service[-1][0] + rest)

    def service_between(self, start: datetime, end: datetime) -> timedelta:
        """How much service lies between two instants; none if `end` is not after `start`."""
        return max(_NONE, self._served(end) - self._served(start))

    def work_minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole minutes of service between two instants."""
        return self.service_between(start, end) // _MINUTE

    def next_open(self, at: datetime) -> datetime:
        """`at` itself while people answer, else the next opening. At the instant of closing it is closed."""
        ordinal, clock = self._local(at)
        if self.days.is_workday(ordinal):
            for opens, closes in self.service:
                if clock < closes:
                    return self._instant(ordinal, max(clock, opens))
            ordinal += 1
        return self._instant(self.days.at_or_after(ordinal), self.service[0][0])

    def midnight_after(self, at: datetime) -> datetime:
        """24:00 of the day of `at`: where a period in days begins to count."""
        return self._instant(self.ordinal(at) + 1, _NONE)

    def close_of(self, ordinal: int) -> Due:
        """When the service of that day ends."""
        return self._due(ordinal, self.service[-1][1])

    def close_after(self, ordinal: int) -> Due:
        """When the service of that day ends or, where it is off, of the next working day."""
        return self.close_of(self.days.at_or_after(ordinal))

    def ordinal(self, at: datetime) -> int:
        """The day of `at` by the city's clock."""
        return at.astimezone(self.zone).toordinal()

    @property
    def fingerprint(self) -> str:
        """Sixteen characters that differ whenever a due time may differ: then clocks are recomputed."""
        facts = repr((str(self.zone), self.service, self.days.settled)).encode()
        return hashlib.sha256(facts + array("i", self.days.ordinals).tobytes()).hexdigest()[:16]

    def _served(self, at: datetime) -> timedelta:
        """Service since the first day that is laid out."""
        ordinal, clock = self._local(at)
        served = self.days.count_before(ordinal) * self.day_length
        if self.days.is_workday(ordinal):
            for opens, closes in self.service:
                if clock > opens:
                    served += min(clock, closes) - opens
        return served

    def _local(self, at: datetime) -> tuple[int, timedelta]:
        local = at.astimezone(self.zone)
        return local.toordinal(), _since_midnight(local.time())

    def _due(self, ordinal: int, clock: timedelta) -> Due:
        return Due(self._instant(ordinal, clock), self.days.is_provisional(ordinal))

    def _instant(self, ordinal: int, clock: timedelta) -> datetime:
        return (datetime.fromordinal(ordinal) + clock).replace(tzinfo=self.zone).astimezone(UTC)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(
        hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond
    )
