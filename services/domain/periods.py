"""Hours of human service and statutory clocks, as hours.toml and deadlines.toml state them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import time
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from services.domain.entry import Entry, Problem, Said, Wording
from services.domain.events import EVENTS

HOURS = "hours.toml"
DEADLINES = "deadlines.toml"
NEEDED = ("acceptance_urgent", "acceptance")


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


class Hours(Entry):
    """hours.toml: when people answer, on statutory working days, and when callers may be phoned."""

    zone: str
    interval: Annotated[tuple[Interval, ...], Field(min_length=1)]
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


class Extension(Entry):
    """By how much (in the clock's own unit) a period may grow, and whose approval that takes."""

    amount: Annotated[int, Field(gt=0)]
    approved_by: Said


class Clock(Wording):
    """A period with its citation. `starts`, `stops`: names of events."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    amount: Annotated[int, Field(gt=0)]
    unit: Literal["minutes", "work_minutes", "working_days", "calendar_days"]
    starts: str
    stops: Annotated[tuple[str, ...], Field(min_length=1)]
    binding: Literal["law", "city"]
    article: Said
    extension: Extension | None = None

    @model_validator(mode="after")
    def _runs_between_events(self) -> Self:
        unknown = [name for name in (self.starts, *self.stops) if name not in EVENTS]
        if unknown:
            raise ValueError(f"no such event: {', '.join(unknown)}")
        return self


class Deadlines(Entry):
    """deadlines.toml."""

    clock: tuple[Clock, ...]


def problems(clocks: Sequence[Clock]) -> Iterator[Problem]:
    """Clocks that are given twice, or that the router cannot do without."""
    count = Counter(clock.id for clock in clocks)
    for clock_id in (clock_id for clock_id, times in count.items() if times > 1):
        yield Problem(DEADLINES, clock_id, "编号重复", "id is used more than once")
    for clock_id, unit in zip(NEEDED, ("minutes", "working_days"), strict=True):
        if not any(clock.id == clock_id and clock.unit == unit for clock in clocks):
            yield Problem(DEADLINES, clock_id, f"缺少以 {unit} 计的这一时限", f"a clock in {unit} is needed")
