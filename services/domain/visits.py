"""Home visits (上门走访) as visits.toml states them: who visits where, at what times, and when again.

Employment assistants (就业援助员) are known by staff number (工号). One without streets is there for the
whole area of the unit.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field, model_validator

from services.domain.codes import OUTCOMES
from services.domain.duty import StaffNumber
from services.domain.entry import Entry, Problem, Said, UnitId
from services.domain.units import StreetCode, Unit
from services.domain.work_calendar import WorkCalendar

FILE = "visits.toml"
SERVICE: Final = "employment"


class Slot(Entry):
    """A time at which one visit is made, on working days, in the city's own time."""

    begins: time
    ends: time

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("begins must be before ends")
        return self


class FollowUp(Entry):
    """How many days (自然日) after this outcome the assistant asks again (回访), and why."""

    outcome: Said
    days: Annotated[int, Field(ge=1, le=365)]
    basis: Said

    @model_validator(mode="after")
    def _an_outcome_that_exists(self) -> Self:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}")
        return self


class Assistant(Entry):
    """Who makes visits for `unit`. `streets`: nine digits each; none: everywhere."""

    number: StaffNumber
    unit: UnitId
    streets: tuple[StreetCode, ...] = ()


class Time(NamedTuple):
    """When a visit may be made (UTC)."""

    begins: datetime
    ends: datetime


class Visits(Entry):
    """visits.toml. `days_ahead`: how far ahead visits are agreed on; `again_after`: days until a follow-up
    that reached nobody is tried again.
    """

    days_ahead: Annotated[int, Field(ge=1, le=60)] = 14
    again_after: Annotated[int, Field(ge=1, le=60)] = 7
    slot: Annotated[tuple[Slot, ...], Field(min_length=1)]
    follow_up: tuple[FollowUp, ...] = ()
    assistant: tuple[Assistant, ...] = ()

    @cached_property
    def by_unit(self) -> Mapping[str, Sequence[Assistant]]:
        units = dict.fromkeys(one.unit for one in self.assistant)
        return {unit: [one for one in self.assistant if one.unit == unit] for unit in units}

    def candidates(self, unit: str, street: str | None) -> Sequence[Assistant]:
        """Those of the street; where nobody has it, those who are everywhere; else nobody."""
        ours = self.by_unit.get(unit, ())
        near = [one for one in ours if street in one.streets]
        return near or [one for one in ours if not one.streets]

    def follow_up_at(self, outcome: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
        """When the assistant asks again, on a working day; None: never."""
        days = next((one.days for one in self.follow_up if one.outcome == outcome), None)
        return None if days is None else morning_after(days, now, calendar)


def choose(candidates: Sequence[Assistant], load: Mapping[str, int]) -> str | None:
    """Who has the fewest open visits; of several the first by number, so that it can be explained."""
    least = min(candidates, key=lambda one: (load.get(one.number, 0), one.number), default=None)
    return None if least is None else least.number


def morning_after(days: int, now: datetime, calendar: WorkCalendar) -> datetime:
    """When service opens on the `days`-th day after today or, where it is off, the next working day."""
    return calendar.next_open(calendar.midnight_after(now) + timedelta(days=days - 1))


def times(visits: Visits, now: datetime, calendar: WorkCalendar) -> list[Time]:
    """Every slot still to come within `days_ahead`, in order."""
    today = now.astimezone(calendar.zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(visits.days_ahead + 1)]
    found = [_time(slot, day, calendar) for day in days if calendar.is_workday(day) for slot in visits.slot]
    return [one for one in found if one.begins > now]


def _time(slot: Slot, day: date, calendar: WorkCalendar) -> Time:
    def instant(clock: time) -> datetime:
        return datetime.combine(day, clock, calendar.zone).astimezone(UTC)

    return Time(instant(slot.begins), instant(slot.ends))


def problems(visits: Visits, units: Sequence[Unit]) -> Iterator[Problem]:
    """Assistants of units that visit nobody, numbers given twice, slots that overlap."""
    services = {unit.id: unit.service for unit in units}
    for one in visits.assistant:
        if services.get(one.unit) != SERVICE:
            yield Problem(
                FILE, one.number, f"{one.unit} 不是就业服务单位", f"{one.unit} is no employment unit"
            )
    for number, several in Counter(one.number for one in visits.assistant).items():
        if several > 1:
            yield Problem(FILE, number, "工号重复", "staff number is used more than once")
    for before, after in pairwise(sorted(visits.slot, key=lambda one: one.begins)):
        if after.begins < before.ends:
            yield Problem(FILE, f"slot {after.begins:%H:%M}", "与上一时段重叠", "overlaps the one before")
    for outcome, several in Counter(one.outcome for one in visits.follow_up).items():
        if several > 1:
            yield Problem(FILE, outcome, "写了不止一次", "stands there more than once")
