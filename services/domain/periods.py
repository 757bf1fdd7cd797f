"""The periods of deadlines.toml: how long something may take, by which article, and what changes that.

All of it is data: cities differ, and a law may change. A running clock of one case is `clocks.RunningClock`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.domain.conditions import checks
from services.domain.entry import Entry, Problem, Said, Wording
from services.domain.event import Code
from services.domain.events import EVENTS
from services.domain.routing_rules import Facts, values_of
from services.domain.rule_entries import When
from services.domain.texts import Texts

FILE = "deadlines.toml"
NEEDED = ("acceptance_urgent", "acceptance")

Unit = Literal["minutes", "work_minutes", "working_days", "calendar_days"]
Share = Annotated[float, Field(gt=0, lt=1)]


class Extension(Entry):
    """By how much in all (in the clock's own unit) a period may grow, by which article, and who approves it.

    `approved_by`, `approved_by_en`: the approver's office. `notice`: the article by which the caller is told
    of it, with the reason; None where nobody need be told.
    """

    amount: Annotated[int, Field(gt=0)]
    approved_by: Said
    approved_by_en: Said
    article: Said
    notice: Said | None = None


class Ground(Entry):
    """A reason for which a clock may stand still, and the article that allows it."""

    reason: Code
    article: Said


class Clock(Wording):
    """A period (期限) with its citation.

    `starts`, `stops`: names of events; the latter say that what had to be done was done. `lapses`: events
    after which it need not be done any more. `when`: which cases it is for, all if empty. `approaching`: the
    shares of the period after which a reminder is due. `pauses`: without any it cannot stand still.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    amount: Annotated[int, Field(gt=0)]
    unit: Unit
    when: When = When()
    starts: str
    stops: Annotated[tuple[str, ...], Field(min_length=1)]
    lapses: tuple[str, ...] = ()
    binding: Literal["law", "city"]
    article: Said
    approaching: tuple[Share, ...] = ()
    pauses: tuple[Ground, ...] = ()
    extension: Extension | None = None

    @model_validator(mode="after")
    def _runs_between_events(self) -> Self:
        named = (self.starts, *self.stops, *self.lapses)
        if unknown := [name for name in named if name not in EVENTS]:
            raise ValueError(f"no such event: {', '.join(unknown)}")
        if twice := [name for name, times in Counter(named).items() if times > 1]:
            raise ValueError(f"{twice[0]} cannot do two things to one clock")
        return self

    @model_validator(mode="after")
    def _reminds_in_order(self) -> Self:
        if any(later <= earlier for earlier, later in pairwise(self.approaching)):
            raise ValueError("approaching must ascend")
        return self

    def ground(self, reason: str) -> Ground | None:
        """The ground on which the clock may stand still for `reason`; None if it may not."""
        return next((one for one in self.pauses if one.reason == reason), None)


class Deadlines(Entry):
    """deadlines.toml."""

    clock: tuple[Clock, ...]


def started_by(event: str, facts: Facts, clocks: Collection[Clock]) -> list[Clock]:
    """The clocks that an event of this name starts for such a case. One that runs already starts again."""
    values = values_of(facts)
    return [
        clock
        for clock in clocks
        if clock.starts == event and all(fits(values[field]) for field, fits in checks(clock.when))
    ]


def problems(clocks: Sequence[Clock], texts: Texts | None) -> Iterator[Problem]:
    """Clocks that are given twice or that the router cannot do without, and reasons without a name."""
    count = Counter(clock.id for clock in clocks)
    for clock_id in (clock_id for clock_id, times in count.items() if times > 1):
        yield Problem(FILE, clock_id, "编号重复", "id is used more than once")
    for clock_id, unit in zip(NEEDED, ("minutes", "working_days"), strict=True):
        if not any(clock.id == clock_id and clock.unit == unit for clock in clocks):
            yield Problem(FILE, clock_id, f"缺少以 {unit} 计的这一时限", f"a clock in {unit} is needed")
    for clock in clocks if texts is not None else ():
        for ground in clock.pauses:
            if texts is not None and ground.reason not in texts.names.get("pause", {}):
                zh, en = f"暂停原因 {ground.reason} 没有名称", f"pause {ground.reason} has no name"
                yield Problem(FILE, clock.id, f"{zh}（texts.toml names.pause）", f"{en} in texts.toml")
