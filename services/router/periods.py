"""The city's periods made ready for the router: which ones a case has, what starts them, what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from services.domain.city import City
from services.domain.clock_acts import start
from services.domain.clock_course import next_signal
from services.domain.clocks import State
from services.domain.conditions import checks
from services.domain.escalation import Ladder
from services.domain.periods import Clock
from services.domain.refusals import Refusal
from services.domain.routing_rules import Facts, values_of
from services.domain.sieve import Check
from services.domain.work_calendar import WorkCalendar
from services.kernel.logs import logger
from services.router.clocks import Row

REMEMBERED: Final = 512
log: Final = logger("router.clocks")


class Beginning(NamedTuple):
    """What a clock that has just started will do: its end, and its first signal."""

    due: datetime
    provisional: bool
    next_at: datetime


@dataclass(frozen=True)
class Periods:
    """`started`: the clocks that an event of a name starts. `heard`: the events that do anything to one.

    `ladders`: what is done, by clock, when one has run out and nobody moved.
    """

    by_id: Mapping[str, Clock]
    started: Mapping[str, Sequence[Clock]]
    heard: frozenset[str]
    calendar: WorkCalendar
    ladders: Mapping[str, Ladder]
    conditions: Mapping[str, Sequence[tuple[str, Check]]]
    begun: dict[tuple[str, int, bool], "Beginning"] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, city: City) -> "Periods":
        clocks = city.clocks
        names = {one.starts for one in clocks}
        heard = {name for one in clocks for name in (one.starts, *one.stops, *one.lapses)}
        return cls(
            by_id={one.id: one for one in clocks},
            started={name: [one for one in clocks if one.starts == name] for name in names},
            heard=frozenset(heard),
            calendar=city.calendar,
            ladders={one.clock: one for one in city.escalation.ladder},
            conditions={one.id: tuple(checks(one.when)) for one in clocks},
        )

    def fitting(self, facts: Facts, urgent: bool) -> str:
        """The ids of the periods that are for such a case, by spaces. `urgent`: also by the rule."""
        values = {**values_of(facts), "urgent": urgent}
        wanted = self.conditions.items()
        return " ".join(name for name, tests in wanted if all(fits(values[of]) for of, fits in tests))

    def begin(self, definition: Clock, at: datetime, urgent: bool) -> "Beginning":
        """A clock that starts `at`. Refusal `outside-calendar`.

        One in days is the same for all that start on a day: it is computed once.
        """
        if definition.unit not in ("working_days", "calendar_days"):
            return self._begun(definition, at, urgent)
        key = (definition.id, self.calendar.ordinal(at), urgent)
        if key not in self.begun:
            if len(self.begun) > REMEMBERED:
                self.begun.clear()
            self.begun[key] = self._begun(definition, at, urgent)
        return self.begun[key]

    def _begun(self, definition: Clock, at: datetime, urgent: bool) -> "Beginning":
        clock = start(definition, at, self.calendar, urgent)
        signal = next_signal(clock, self.calendar, clock.started_at)
        return Beginning(clock.due, clock.provisional, signal.at if signal else clock.due)

    def next_at(self, row: Row, after: datetime) -> datetime | None:
        """When the router is to look at this clock next, later than `after`."""
        definition = self.by_id.get(row.clock)
        if definition is None or row.ended_at is not None:
            return None
        if row.state == State.MISSED:
            ladder = self.ladders.get(row.clock)
            return ladder.next_step(row.steps, row.due, row.urgent, self.calendar) if ladder else None
        try:
            signal = next_signal(row.value(definition), self.calendar, after)
        except Refusal as error:
            log.error("clock.outside", clock=row.clock, id=row.id, error=error.code)
            return None
        return signal.at if signal else None

    def accept_by(self, urgent: bool, now: datetime) -> datetime | None:
        """When a unit that gets a case now must have accepted or objected."""
        clock = self.by_id["acceptance_urgent" if urgent else "acceptance"]
        try:
            return self.begin(clock, now, urgent).due
        except Refusal:
            return None
