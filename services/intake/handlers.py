"""What intake does when something happened: a line in the timeline, the case moves, the caller must hear.

Every event of every service comes here. A case closes when its caller was told or could not be reached
(保障农民工工资支付条例 art 10), and never because a partner is done.
"""

import json
from collections.abc import Iterable

from services.domain.caller_events import NO_RESULT
from services.domain.deadline_events import DEADLINES
from services.domain.events import (
    AlertAcknowledged,
    AnswerGiven,
    CallAttached,
    CallerInformed,
    CallerUnreachable,
    CaseClosed,
    CaseCorrected,
    CaseErased,
    CaseHeld,
    CaseMerged,
    CaseReceived,
    CaseReopened,
    CaseRouted,
    CaseSplit,
    CaseTaken,
    ClusterAlarmed,
    ClusterJoined,
    Event,
    NoteAdded,
    OutcomeReported,
    StaffAlerted,
    TaskAccepted,
    TaskDelivered,
    TaskObjected,
    TaskProgressed,
    TaskUndeliverable,
    UnitClosed,
)
from services.domain.life import Status, follow
from services.intake import callbacks, erasure, parts, timeline
from services.intake.standing import Standing, standing, with_unit
from services.kernel.messages import Message
from services.kernel.service import Handlers
from services.kernel.tx import Tx

_UNTOLD = {"outcome": Status.RESOLVED, "answer": Status.ANSWERED}


def record(event: Event, tx: Tx) -> Iterable[Message]:
    """A line in the timeline, and nothing else moves."""
    timeline.write(tx, event)
    return ()


def move(event: Event, tx: Tx) -> Iterable[Message]:
    """A line in the timeline, and the status follows."""
    _follow(event, tx)
    return ()


def move_with_unit(
    event: TaskDelivered | TaskAccepted | TaskObjected | TaskProgressed, tx: Tx
) -> Iterable[Message]:
    """As `move`; but a unit that the case has left is only written down."""
    timeline.write(tx, event)
    if (case := with_unit(tx, event.case_id, event.unit)) is None:
        return ()
    if isinstance(event, TaskDelivered) and case.delivered_at is None:
        case.delivered_at = event.at
    _advance(event, case, tx)
    return ()


def take_route(event: CaseRouted, tx: Tx) -> Iterable[Message]:
    """Remember the unit, and why it was chosen."""
    if case := _follow(event, tx):
        case.unit, case.unit_name, case.unit_district = event.unit, event.unit_name, event.district
        case.rule, case.version, case.bounces = event.rule, event.version, event.bounces
        case.reason = json.dumps(event.reason, ensure_ascii=False)
    return ()


def take_outcome(event: OutcomeReported, tx: Tx) -> Iterable[Message]:
    """The unit is done; now the caller must be told, by whom told_by says."""
    timeline.write(tx, event)
    if (case := with_unit(tx, event.case_id, event.unit)) is None:
        return ()
    before = case.stands
    _advance(event, case, tx)
    if case.stands is not Status.RESOLVED:
        return ()
    case.outcome, case.resolved = event.outcome, event.resolved
    case.amount_recovered_fen = event.amount_recovered_fen
    if before is Status.RESOLVED:
        return ()
    if case.informed_at is not None and case.informed_at >= event.at:  # told, and heard of that before
        case.status = Status.TOLD.value
        return parts.close_as(case, event.model_copy(update={"at": case.informed_at}), "told")
    return callbacks.owe(case, "outcome", event, tx)


def tell(event: CallerInformed, tx: Tx) -> Iterable[Message]:
    """The caller knows: close, if it was what the case was waiting for."""
    case = _case(event, tx)
    if case is None or event.about in NO_RESULT:
        return ()
    case.informed_at, case.updated_at = event.at, tx.now
    if case.stands is not _UNTOLD[event.about]:
        return ()
    _advance(event, case, tx)
    return parts.close_as(case, event, "answered" if event.about == "answer" else "told")


def give_up(event: CallerUnreachable, tx: Tx) -> Iterable[Message]:
    """All timed attempts failed: close, if somebody was to be told."""
    case = _case(event, tx)
    if case is None or case.stands not in _UNTOLD.values():
        return ()
    return parts.close_as(case, event, "unreachable")


def close(event: CaseClosed, tx: Tx) -> Iterable[Message]:
    case = _case(event, tx)
    if case is None:
        return ()
    was_open = case.stands is not Status.CLOSED
    _advance(event, case, tx)
    case.closed_at = event.at
    if case.told_by == "intake":
        callbacks.drop(event.case_id, tx)
    return parts.part_closed(case, event, tx) if was_open else ()


def reopen(event: CaseReopened, tx: Tx) -> Iterable[Message]:
    """The case starts again: what was claimed no longer holds."""
    if case := _follow(event, tx):
        if case.closed_at is not None:
            parts.part_reopened(case, tx)
        case.closes_as = None
        case.outcome = case.resolved = case.amount_recovered_fen = None
        case.informed_at = case.closed_at = None
    return ()


def erase(event: CaseErased, tx: Tx) -> Iterable[Message]:
    """Blank what is personal and keep the counts (个人信息保护法 art 47)."""
    timeline.write(tx, event)
    erasure.blank(tx, event.case_id)
    return ()


def _case(event: Event, tx: Tx) -> Standing | None:
    timeline.write(tx, event)
    return standing(tx, event.case_id)


def _follow(event: Event, tx: Tx) -> Standing | None:
    case = _case(event, tx)
    if case is not None:
        _advance(event, case, tx)
    return case


def _advance(event: Event, case: Standing, tx: Tx) -> None:
    case.status, case.updated_at = follow(case.stands, event).value, tx.now


HANDLERS: Handlers = {
    CaseReceived: record,
    CaseCorrected: record,
    CaseRouted: take_route,
    CaseHeld: move,
    TaskDelivered: move_with_unit,
    TaskUndeliverable: record,
    TaskAccepted: move_with_unit,
    TaskObjected: move_with_unit,
    TaskProgressed: move_with_unit,
    OutcomeReported: take_outcome,
    AnswerGiven: move,
    NoteAdded: record,
    CallAttached: record,
    CaseSplit: record,
    CaseTaken: record,
    CaseMerged: record,
    ClusterAlarmed: record,
    ClusterJoined: record,
    **dict.fromkeys(DEADLINES, record),
    StaffAlerted: record,
    AlertAcknowledged: record,
    CallerInformed: tell,
    CallerUnreachable: give_up,
    CaseClosed: close,
    CaseReopened: reopen,
    CaseErased: erase,
    UnitClosed: record,
}
