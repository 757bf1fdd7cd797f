"""What the events of a case do to its clocks: started, met, lapsed, all by the city's table.

A unit that the case has left moves nothing. Nothing starts on a case that is past its unit, and everything
ends with the case, so that no clock runs after closing.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from services.domain import clock_acts
from services.domain.clocks import RunningClock, State
from services.domain.events import (
    CaseClosed,
    CaseCorrected,
    CaseErased,
    CaseReopened,
    CaseRouted,
    DeadlineMet,
    Event,
    OutcomeReported,
)
from services.domain.periods import Clock
from services.domain.refusals import Refusal
from services.domain.routing_rules import Facts
from services.kernel.messages import Message
from services.kernel.tx import Tx
from services.router import clocks
from services.router.cases import Case
from services.router.clocks import Row
from services.router.models import State as CaseState
from services.router.periods import Periods, log

_ENDS: Final = (CaseClosed, CaseErased)
_OPEN: Final = (CaseState.HELD, CaseState.ROUTED, CaseState.ACCEPTED)
_REACHED: Final[Mapping[str, frozenset[str]]] = {
    CaseState.HELD: frozenset({"CaseReceived"}),
    CaseState.ROUTED: frozenset({"CaseReceived", "CaseRouted", "TaskDelivered"}),
    CaseState.ACCEPTED: frozenset({"CaseReceived", "TaskAccepted"}),
}
"""By the state of a case: the events whose clocks may be running."""


def follow(periods: Periods, case: Case, event: Event, tx: Tx) -> Iterator[Message]:
    """Move the clocks of the case by what happened."""
    name, unit = type(event).__name__, getattr(event, "unit", None)
    _note_result(case, event)
    if name not in periods.heard and not isinstance(event, (*_ENDS, CaseReopened)):
        return
    for row in clocks.open_clocks(tx, case.case_id):
        definition = periods.by_id.get(row.clock)
        if definition is None or isinstance(event, CaseErased):
            end_lapsed(row, definition, event.at)
        elif isinstance(event, CaseRouted) and row.unit not in (None, unit):
            end_lapsed(row, definition, event.at)  # it is another unit's turn
        elif unit in (None, row.unit) or (row.unit is None and unit == case.unit):
            yield from _apply(periods, row, definition, event)
    if case.state in _OPEN and unit in (None, case.unit):
        for definition in periods.started.get("CaseReceived" if name == "CaseReopened" else name, ()):
            if definition.id in case.clocks.split():
                start(periods, case, definition, event.at, unit, tx)


def start(
    periods: Periods, case: Case, definition: Clock, at: datetime, unit: str | None, tx: Tx
) -> Row | None:
    """A clock of the case; one that runs already starts again. None where the calendar does not reach."""
    for row in clocks.open_clocks(tx, case.case_id):
        if row.clock == definition.id:
            end_lapsed(row, definition, at)
    try:
        due, provisional, next_at = periods.begin(definition, at, case.urgent)
    except Refusal as error:
        log.error("clock.outside", type=definition.id, case_id=case.case_id, error=error.code)
        return None
    row = Row(
        tx.new_id(), case.case_id, definition.id, unit, definition.amount, definition.article, at, due,
        provisional, case.urgent, next_at=next_at,
    )  # fmt: skip
    return clocks.add(tx, row)


def refit(periods: Periods, case: Case, facts: Facts, event: CaseCorrected, tx: Tx) -> None:
    """Other facts, other clocks: what no longer applies lapses, what applies now begins now."""
    before, case.clocks = case.clocks.split(), periods.fitting(facts, case.urgent)
    now = case.clocks.split()
    for row in clocks.open_clocks(tx, case.case_id):
        if row.clock in before and row.clock not in now:
            end_lapsed(row, periods.by_id.get(row.clock), event.at)
        elif row.urgent != case.urgent:
            row.urgent = case.urgent
            row.next_at = periods.next_at(row, event.at)
    for definition in (periods.by_id[name] for name in now if name not in before):
        if definition.starts in _REACHED.get(case.state, ()):
            unit = None if definition.starts == "CaseReceived" else case.unit
            start(periods, case, definition, event.at, unit, tx)


def end_lapsed(row: Row, definition: Clock | None, at: datetime) -> None:
    """Nothing is to be done any more. A period that the city no longer has ends the same way."""
    if definition is None:
        row.state, row.ended_at, row.next_at = State.LAPSED.value, max(at, row.started_at), None
    else:
        take(row, clock_acts.lapse(row.value(definition), at))


def take(row: Row, clock: RunningClock) -> None:
    """The clock has ended: nobody looks at it again."""
    row.take(clock)
    row.next_at = None


def _note_result(case: Case, event: Event) -> None:
    """How long it took to put things right is measured from here."""
    if isinstance(event, CaseReopened):
        case.resolved_at = None
    elif isinstance(event, OutcomeReported) and case.resolved_at is None and event.unit == case.unit:
        case.resolved_at = event.at


def _apply(periods: Periods, row: Row, definition: Clock, event: Event) -> Iterator[Message]:
    verdict = clock_acts.verdict(event, definition)
    if verdict == "met":
        met = clock_acts.meet(row.value(definition), event.at, periods.calendar)
        take(row, met)
        if row.told or met.late:
            yield DeadlineMet(
                case_id=row.case_id, at=event.at, clock=row.clock, due=met.due, article=row.article,
                unit=row.unit, late=met.late,
            )  # fmt: skip
    elif verdict == "lapsed" or isinstance(event, _ENDS):
        end_lapsed(row, definition, event.at)
