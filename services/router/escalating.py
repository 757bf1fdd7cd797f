"""Nobody moved: the ladder that follows a clock that has run out, step by step (escalation.toml)."""

from collections.abc import Iterator, Sequence

from services.domain.escalation import Step
from services.domain.events import StaffAlerted
from services.domain.units import Unit
from services.kernel.messages import Message
from services.kernel.tx import Tx
from services.router import rules
from services.router.cases import FILES, Case
from services.router.clocks import Row
from services.router.decisions import apply
from services.router.models import State
from services.router.rules import Desk

_REASONS = {"unit": "remind", "head": "head", "superior": "superior"}


def climb(desk: Desk, row: Row, case: Case, tx: Tx) -> Iterator[Message]:
    """Take every step whose time has come; `row` is a clock that has run out and is still open."""
    ladder = desk.periods.ladders.get(row.clock)
    while ladder is not None:
        row.next_at = desk.periods.next_at(row, tx.now)
        if row.next_at is None or row.next_at > tx.now:
            return
        step, row.steps = ladder.step[row.steps], row.steps + 1
        yield from _take(desk, row, case, step, tx)
    row.next_at = None


def _take(desk: Desk, row: Row, case: Case, step: Step, tx: Tx) -> Iterator[Message]:
    """Tell whom the step names. A clock of the hotline's own has no unit to be told of: its case does."""
    unit = row.unit or case.unit
    if unit is None:
        return
    superior = _superior(desk, unit)
    if staff := _whom(desk, unit, superior, step):
        yield StaffAlerted(
            case_id=row.case_id, at=tx.now, unit=unit, alert=str(row.id), staff=tuple(staff),
            reason=_REASONS[step.tell], clock=row.clock,
        )  # fmt: skip
    file = FILES.get(tx, row.case_id)
    if not step.hand_over or superior is None or file is None:
        return
    if case.state == State.ROUTED and case.unit == unit and superior.id not in case.tried.split():
        decision = rules.after_silence(desk, superior, unit, row.clock, row.urgent)
        yield apply(desk, case, file, decision, tx)


def _whom(desk: Desk, unit: str, superior: Unit | None, step: Step) -> Sequence[str]:
    people = desk.duty.duty.by_unit
    if step.tell == "superior":
        above = people.get(superior.id) if superior else None
        return (above.head,) if above else [one.number for one in desk.duty.duty.supervisor]
    watch = people.get(unit)
    if watch is None:
        return ()
    return watch.remind if step.tell == "unit" else (watch.head,)


def _superior(desk: Desk, unit: str) -> Unit | None:
    roster = desk.rules.roster
    above = roster.by_id[unit].superior if unit in roster.by_id else None
    return roster.open_unit(above) if above else None
