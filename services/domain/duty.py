"""Who is on duty (duty.toml): the officers of each unit with their telephones, whose night it is, and who is
told when nobody answers.

People are known by staff number (工号). A night belongs to the day on which it begins: 00:30 on Thursday is
Wednesday's night, and so is a holiday's whole day and night the holiday's own.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from services.domain.entry import Entry, Problem, UnitId
from services.domain.phones import phone as read_phone
from services.domain.refusals import Refusal
from services.domain.work_calendar import WorkCalendar

FILE = "duty.toml"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
StaffNumber = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{2,16}$")]


class Staff(Entry):
    """Somebody who can be called. A mobile also gets text messages; a landline is only phoned."""

    number: StaffNumber
    phone: Annotated[str, Field(pattern=r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")]

    @model_validator(mode="after")
    def _a_number_that_exists(self) -> Self:
        read_phone(self.phone, "")
        return self

    @property
    def mobile(self) -> bool:
        return self.phone.startswith("1")

    @property
    def e164(self) -> str:
        """As a gateway takes it: +86…"""
        return read_phone(self.phone, "").e164


class Night(Entry):
    """Who is called in which order, on these weekdays; `dates` go before weekdays."""

    days: tuple[Weekday, ...] = ()
    dates: tuple[date, ...] = ()
    officers: Annotated[tuple[StaffNumber, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _some_night(self) -> Self:
        if not self.days and not self.dates:
            raise ValueError("days or dates are needed")
        return self


class Watch(Entry):
    """The people of one unit. `remind`: who is told that the unit has let time pass; `head`: its head."""

    id: UnitId
    head: StaffNumber
    remind: tuple[StaffNumber, ...]
    staff: Annotated[tuple[Staff, ...], Field(min_length=1)]
    night: tuple[Night, ...] = ()

    def officers(self, day: date) -> tuple[str, ...]:
        """Who has the night that begins on `day`, in the order in which they are called."""
        for night in self.night:
            if day in night.dates:
                return night.officers
        weekday = WEEKDAYS[day.weekday()]
        return next((night.officers for night in self.night if weekday in night.days), ())


class Duty(Entry):
    """duty.toml. `next_after`: minutes without an acknowledgement until the next one is called.

    `supervisor`: who at the hotline is told when nobody of the unit answers.
    """

    next_after: Annotated[int, Field(ge=1, le=120)] = 5
    supervisor: tuple[Staff, ...] = ()
    unit: tuple[Watch, ...] = ()

    @cached_property
    def by_unit(self) -> Mapping[str, Watch]:
        return {watch.id: watch for watch in self.unit}

    @cached_property
    def by_number(self) -> Mapping[str, Staff]:
        return {one.number: one for one in (*self.supervisor, *(s for w in self.unit for s in w.staff))}

    def tonight(self, unit: str, at: datetime, calendar: WorkCalendar) -> tuple[str, ...]:
        """The officers of `unit` for the night or holiday of `at`; empty where nobody is named."""
        watch = self.by_unit.get(unit)
        return watch.officers(night_of(at, calendar)) if watch else ()

    def by_phone(self, phone: str) -> Staff | None:
        """Whose telephone this is, in any spelling that can be read."""
        try:
            number = read_phone(phone, "").e164
        except Refusal:
            return None
        return next((one for one in self.by_number.values() if one.e164 == number), None)


def night_of(at: datetime, calendar: WorkCalendar) -> date:
    """The day to which the instant belongs: before the first opening hour it is still the day before's."""
    local = at.astimezone(calendar.zone)
    since_midnight = timedelta(hours=local.hour, minutes=local.minute)
    return local.date() - timedelta(days=1) if since_midnight < calendar.service[0][0] else local.date()


def outside_hours(at: datetime, calendar: WorkCalendar) -> bool:
    """Whether nobody is at the desks: at night, at noon, on days off."""
    try:
        return calendar.next_open(at) != at
    except Refusal:
        return True


def problems(duty: Duty, units: Collection[str]) -> Iterator[Problem]:
    """People who are not there, nights that nobody has, units that the city lacks."""
    for unit, times in Counter(watch.id for watch in duty.unit).items():
        if unit not in units:
            yield Problem(FILE, unit, "units.toml 里没有这个单位", "there is no such unit")
        if times > 1:
            yield Problem(FILE, unit, "单位重复", "is given more than once")
    everybody = [one.number for one in (*duty.supervisor, *(s for w in duty.unit for s in w.staff))]
    for number, times in Counter(everybody).items():
        if times > 1:
            yield Problem(FILE, number, "工号重复", "staff number is used more than once")
    for watch in duty.unit:
        yield from _of_unit(watch)


def _of_unit(watch: Watch) -> Iterator[Problem]:
    known = {one.number for one in watch.staff}
    named = [watch.head, *watch.remind, *(one for night in watch.night for one in night.officers)]
    for number in dict.fromkeys(one for one in named if one not in known):
        yield Problem(FILE, watch.id, f"没有工号 {number}", f"has no staff {number}")
    covered = Counter(day for night in watch.night for day in night.days)
    if missing := [day for day in WEEKDAYS if watch.night and day not in covered]:
        days = ", ".join(missing)
        yield Problem(FILE, watch.id, f"这些夜晚没有值班人员：{days}", f"nobody has the nights of {days}")
    for day, times in covered.items():
        if times > 1:
            yield Problem(FILE, watch.id, f"{day} 写了不止一次", f"{day} is given more than once")
