"""How a clock runs: when it ends and when it reminds, with all that it stood still left out.

Minutes and minutes of service count from the instant of the start, days from its midnight, so a pause on the
day of the start takes nothing away. A pause counts by what would have been counted: nights and days off add
nothing to working days. Pauses add up exactly, and only the sum is rounded up to whole days, so that no time
is given twice. A clock that was paused before its end does not end before it is resumed: it lasts at least to
the close of that day.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from services.domain.clocks import RunningClock, State
from services.domain.periods import Unit
from services.domain.work_calendar import Due, WorkCalendar

_NONE: Final = timedelta()
_MOMENT: Final = timedelta(microseconds=1)


class Signal(NamedTuple):
    """What a clock will say, and when (UTC). `share`: of the period that is over then, 1 at its end."""

    at: datetime
    kind: Literal["approaching", "missed"]
    share: float


@dataclass(frozen=True, slots=True)
class Measure:
    """How a unit is counted. `ends`: from the instant at which all is used up, the end that is shown."""

    one: timedelta
    begins: Callable[[datetime], datetime]
    between: Callable[[datetime, datetime], timedelta]
    after: Callable[[datetime, timedelta], datetime]
    ends: Callable[[datetime], Due]


def due(clock: RunningClock, calendar: WorkCalendar) -> Due:
    """When the clock ends, as far as it is known: a pause that still lasts is not in it yet."""
    if not clock.pauses:
        match clock.definition.unit:  # nearly every clock: no pause, straight from the calendar
            case "working_days":
                return calendar.add_working_days(clock.started_at, clock.total)
            case "calendar_days":
                return calendar.add_calendar_days(clock.started_at, clock.total)
    measure = _measure(clock.definition.unit, calendar)
    begins = measure.begins(clock.started_at)
    pauses = _pauses(clock, begins)
    stood_still = sum((measure.between(since, until) for since, until in pauses), _NONE)
    end = measure.ends(measure.after(begins, clock.total * measure.one + stood_still))
    if pauses and end.at <= (resumed := pauses[-1][1]):  # it stood still in a day that was rounded up
        return measure.ends(calendar.next_open(resumed))
    return end


def next_signal(clock: RunningClock, calendar: WorkCalendar, after: datetime) -> Signal | None:
    """The next thing the clock says later than `after`; None while it stands still and when it is over.

    Nobody is reminded at night: except for urgent cases and plain minutes, a signal waits for the next
    opening. An end that is past is a signal still, so that a running clock always has one.
    """
    if clock.state is not State.RUNNING:
        return None
    for share in clock.definition.approaching:
        at = heard(reached(clock, share, calendar), clock, calendar)
        if after < at < clock.due:
            return Signal(at, "approaching", share)
    return Signal(heard(clock.due, clock, calendar), "missed", 1.0)


def announced(clock: RunningClock, calendar: WorkCalendar, now: datetime) -> float:
    """The largest share at which a reminder is due, as far as the clock has come; 0 before the first."""
    shares = (one for one in reversed(clock.definition.approaching) if reached(clock, one, calendar) <= now)
    return next(shares, 0.0)


def reached(clock: RunningClock, share: float, calendar: WorkCalendar) -> datetime:
    """When `share` of the period (between 0 and 1) has been used up (UTC).

    A share that was reached before a pause stays where it was, so it is not said again afterwards.
    """
    measure = _measure(clock.definition.unit, calendar)
    begins = measure.begins(clock.started_at)
    used = share * clock.total * measure.one
    for since, until in _pauses(clock, begins):
        if measure.after(begins, used) <= since:
            break
        used += measure.between(since, until)
    return measure.after(begins, used)


def recomputed(clock: RunningClock, calendar: WorkCalendar) -> RunningClock:
    """The clock by another calendar, as when a year was published. Here `due` may also move earlier.

    A clock that has run out or ended stays as it is.
    """
    if clock.state not in (State.RUNNING, State.PAUSED):
        return clock
    at, provisional = due(clock, calendar)
    return replace(clock, due=at, provisional=provisional)


def heard(at: datetime, clock: RunningClock, calendar: WorkCalendar) -> datetime:
    """When something that is to be said `at` is said: at night nobody is reminded, unless it cannot wait."""
    always = clock.urgent or clock.definition.unit == "minutes"
    return at if always else calendar.next_open(at)


def _pauses(clock: RunningClock, begins: datetime) -> list[tuple[datetime, datetime]]:
    """The pauses that are over, without what lies before the period begins to count."""
    over = ((one.since, one.until) for one in clock.pauses if one.until is not None)
    return [(max(since, begins), max(until, begins)) for since, until in over if until > begins]


def _measure(unit: Unit, calendar: WorkCalendar) -> Measure:
    def served(start: datetime, span: timedelta) -> datetime:
        return calendar.after_service(start, span).at

    def same_day(at: datetime) -> Due:
        return calendar.close_of(calendar.ordinal(at))

    def day_before(at: datetime) -> Due:
        return calendar.close_after(calendar.ordinal(at - _MOMENT))  # 24:00 belongs to the day that it ends

    def exactly(at: datetime) -> Due:
        return Due(at, False)

    def in_service(at: datetime) -> Due:
        return Due(at, calendar.days.is_provisional(calendar.ordinal(at)))

    match unit:
        case "minutes":
            return Measure(timedelta(minutes=1), _itself, _elapsed, _later, exactly)
        case "work_minutes":
            return Measure(timedelta(minutes=1), _itself, calendar.service_between, served, in_service)
        case "working_days":
            return Measure(
                calendar.day_length, calendar.midnight_after, calendar.service_between, served, same_day
            )
        case "calendar_days":
            return Measure(timedelta(days=1), calendar.midnight_after, _elapsed, _later, day_before)


def _itself(at: datetime) -> datetime:
    return at


def _elapsed(start: datetime, end: datetime) -> timedelta:
    return max(_NONE, end - start)


def _later(start: datetime, span: timedelta) -> datetime:
    return start + span
