"""What happens when nobody moves (escalation.toml): how often a case may be sent back, and the ladders that
begin where a clock has run out.

No kicking the ball (不踢皮球): after so many objections the common superior decides
(劳动保障监察条例 art 13), and silence goes up step by step: the unit is reminded, then its head, then who
stands above it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.domain.entry import Entry, Problem, Said
from services.domain.periods import Clock, Unit
from services.domain.refusals import Refusal
from services.domain.work_calendar import WorkCalendar

FILE = "escalation.toml"
Whom = Literal["unit", "head", "superior"]


class Objections(Entry):
    """From the `most`-th objection on it is not a unit that decides: the common superior, or a person."""

    most: Annotated[int, Field(ge=1, le=9)] = 2
    then: Literal["superior", "person"] = "superior"
    article: Said = "劳动保障监察条例第十三条"


class Step(Entry):
    """`after` so much time (in the ladder's unit) `tell` them. `hand_over`: it gets the case."""

    after: Annotated[int, Field(ge=0)]
    tell: Whom
    hand_over: bool = False

    @model_validator(mode="after")
    def _only_a_superior_takes_over(self) -> Self:
        if self.hand_over and self.tell != "superior":
            raise ValueError("only the superior can take a case over")
        return self


class Ladder(Entry):
    """What follows when the clock of this id has run out and is still open."""

    clock: str
    unit: Unit
    step: Annotated[tuple[Step, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _upwards(self) -> Self:
        if any(later.after < earlier.after for earlier, later in pairwise(self.step)):
            raise ValueError("steps must ascend")
        return self

    def next_step(self, taken: int, due: datetime, urgent: bool, calendar: WorkCalendar) -> datetime | None:
        """When the step after `taken` others is due (UTC); None after the last one.

        Nobody is told at night, except of urgent cases and in plain minutes.
        """
        if taken >= len(self.step):
            return None
        try:
            at = self._after(due, self.step[taken].after, calendar)
            return at if urgent or self.unit == "minutes" else calendar.next_open(at)
        except Refusal:
            return None  # beyond the years of the calendar

    def _after(self, due: datetime, amount: int, calendar: WorkCalendar) -> datetime:
        match self.unit:
            case "minutes":
                return due + timedelta(minutes=amount)
            case "work_minutes":
                return calendar.add_work_minutes(due, amount).at
            case "working_days":
                return calendar.add_working_days(due, amount).at if amount else due
            case "calendar_days":
                return due + timedelta(days=amount)


class Escalation(Entry):
    """escalation.toml."""

    objections: Objections = Objections()
    ladder: tuple[Ladder, ...] = ()


def problems(found: Escalation, clocks: Collection[Clock]) -> Iterator[Problem]:
    """Ladders for clocks that do not exist, or that have two."""
    known: Mapping[str, Clock] = {clock.id: clock for clock in clocks}
    for clock_id, times in Counter(ladder.clock for ladder in found.ladder).items():
        if clock_id not in known:
            yield Problem(FILE, clock_id, "deadlines.toml 里没有这一时限", "there is no such clock")
        if times > 1:
            yield Problem(FILE, clock_id, "这一时限写了不止一次", "has more than one ladder")
