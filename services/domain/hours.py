"""When people answer, and when callers may be phoned, as hours.toml states it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from services.domain.entry import Entry, Problem, Said, Wording

FILE = "hours.toml"


class Interval(Entry):
    """A stretch of a working day, in the city's own time."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens must be before closes")
        return self


class Quiet(Entry):
    """When callers are not disturbed, in the city's own time; usually over midnight. Urgent cases aside."""

    begins: time = time(21)
    ends: time = time(8)

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("begins and ends are the same")
        return self


class CallBacks(Entry):
    """How often, and how many hours apart, a caller is phoned before they count as unreachable."""

    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    hours_apart: Annotated[int, Field(ge=1, le=48)] = 2


class LocalDay(Wording):
    """A day that the city closes, or opens, against the national calendar; every period counts by it.

    `source`: the decision. Only a local government's can close a day, as for local festivals
    (全国年节及纪念日放假办法 art 4): a bureau that merely stays shut may not make a statutory period longer.
    """

    day: date
    source: Said


class Hours(Entry):
    """hours.toml: when people answer, on statutory working days, and when callers may be phoned.

    `closed` and `open`: days that differ from the national calendar here.
    """

    zone: str
    interval: Annotated[tuple[Interval, ...], Field(min_length=1)]
    closed: tuple[LocalDay, ...] = ()
    open: tuple[LocalDay, ...] = ()
    quiet: Quiet = Quiet()
    callback: CallBacks = CallBacks()

    @field_validator("zone")
    @classmethod
    def _a_zone_that_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {zone}") from error
        return zone

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Self:
        if any(later.opens < earlier.closes for earlier, later in pairwise(self.interval)):
            raise ValueError("intervals overlap or are out of order")
        return self


def problems(hours: Hours) -> Iterator[Problem]:
    """Days that the city closes or opens more than once, or both."""
    for day, times in Counter(local.day for local in (*hours.closed, *hours.open)).items():
        if times > 1:
            yield Problem(FILE, day.isoformat(), "这一天写了不止一次", "this day is given more than once")
