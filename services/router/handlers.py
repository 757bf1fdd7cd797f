"""From what happened to where the case goes; service.py gives every handler its desk."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import bindparam, update

from services.domain.events import (
    AlertAcknowledged,
    AnswerGiven,
    CallerInformed,
    CallerUnreachable,
    CaseClosed,
    CaseCorrected,
    CaseErased,
    CaseHeld,
    CaseReceived,
    CaseReopened,
    CaseRouted,
    ClusterAlarmed,
    ClusterJoined,
    Event,
    OutcomeReported,
    TaskAccepted,
    TaskDelivered,
    TaskObjected,
    TaskProgressed,
    TaskUndeliverable,
)
from services.domain.routing_rules import Held, decide
from services.kernel.columns import table
from services.kernel.messages import Message
from services.kernel.sql import Sql
from services.kernel.tx import Tx
from services.router import counting, objections, on_call, rules
from services.router.cases import CASES, FILES, begin, move
from services.router.decisions import apply, decided, standing, start_again
from services.router.models import RouterDecision, State
from services.router.rules import Desk

PRESSING: Final = frozenset({
    "CaseReceived", "CaseCorrected", "CaseReopened", "TaskObjected", "CaseErased", "AlertAcknowledged",
})  # fmt: skip
OPEN: Final = (State.HELD, State.ROUTED, State.ACCEPTED)
BEGINNINGS: Final = (CaseReceived, CaseCorrected, CaseReopened)
ONLY_COUNTED: Final = (
    CaseRouted, CaseHeld, TaskDelivered, TaskProgressed, AlertAcknowledged, CallerInformed, CallerUnreachable
)  # fmt: skip
AT_UNIT, UNDECIDED = (State.ROUTED, State.ACCEPTED), (State.HELD, State.ROUTED)
Messages = list[Message]
_DECISIONS: Final = table(RouterDecision)
_UNSAY: Final = Sql(update(_DECISIONS).where(_DECISIONS.c.case_id == bindparam("case")).values(note=None))


def route_case(desk: Desk, event: CaseReceived, tx: Tx) -> Messages:
    """A new case: to the unit of the first rule that fits, or to a person."""
    if CASES.get(tx, event.case_id) is not None:
        return []
    facts = rules.facts_of(desk, event)
    decision = decide(desk.rules, facts)
    stands = standing(decision, facts.urgent, "", tx)
    begin(tx, {
        "case_id": event.case_id, "number": event.number, "kind": event.kind.value, "bounces": 0,
        "facts": rules.written(facts), "record": event.record, "proposed_unit": None, "trouble": None,
        "clocks": desk.periods.fitting(facts, bool(stands["urgent"])), "received_at": event.at,
        "resolved_at": None, "alert": None, **stands,
    })  # fmt: skip
    return [decided(desk, event, 0, decision, tx)]


def correct_case(desk: Desk, event: CaseCorrected, tx: Tx) -> Messages:
    """What was wrong is put right: a held case is decided again, one that nobody accepted may move."""
    row, file = CASES.get(tx, event.case_id), FILES.get(tx, event.case_id)
    if row is None or file is None:
        return []
    before = rules.read(file.facts)
    after = rules.corrected(before, event)
    file.facts, file.kind, row.updated_at = rules.written(after), after.kind.value, tx.now
    file.record = event.record or file.record
    if "urgent" in event.changed:
        row.urgent = after.urgent
    counting.refit(desk.periods, row, after, event, tx)
    if row.state == State.ROUTED:
        moved = rules.elsewhere(desk, before, after, row.unit)
        return [start_again(desk, row, file, moved, tx)] if moved else []
    held_for = rules.used(row.hold_facts)
    if row.state != State.HELD or not rules.is_news(before, after, event, held_for.get("objection")):
        return []
    decision = decide(desk.rules, after)
    if isinstance(decision, Held) and (decision.reason, decision.facts_used) == (row.hold_reason, held_for):
        return []
    return [start_again(desk, row, file, decision, tx)]


def note_cluster(desk: Desk, event: ClusterAlarmed | ClusterJoined, tx: Tx) -> Messages:
    """The case is one of many: who has it hears of it, and rules that look at it may send it elsewhere."""
    row, file = CASES.get(tx, event.case_id), FILES.get(tx, event.case_id)
    if row is None or file is None:
        return []
    before = rules.read(file.facts)
    after = rules.in_cluster(before, event)
    file.facts, row.updated_at = rules.written(after), tx.now
    moved = rules.elsewhere(desk, before, after, row.unit) if row.state in UNDECIDED else None
    return [start_again(desk, row, file, moved, tx)] if moved else []


def reopen_case(desk: Desk, event: CaseReopened, tx: Tx) -> Messages:
    """The case starts again with every unit open to it; an erased one has nothing left to send."""
    row, file = CASES.get(tx, event.case_id), FILES.get(tx, event.case_id)
    if row is None or file is None or row.state in OPEN or not file.record:
        return []
    facts = rules.at_moment(rules.read(file.facts), desk.moment(event.at))
    file.facts = rules.written(facts)
    return [start_again(desk, row, file, decide(desk.rules, facts), tx)]


def take_back(desk: Desk, event: TaskObjected, tx: Tx) -> Messages:
    """The unit that has the case objects. A unit that no longer has it moves nothing."""
    row, file = CASES.get(tx, event.case_id), FILES.get(tx, event.case_id)
    if row is None or file is None or row.unit != event.unit or row.state not in AT_UNIT:
        return []
    proposed = rules.proposed_unit(desk, event.proposed_unit)
    row.proposed_unit = proposed.id if proposed else None
    if not objections.is_superior(desk.rules.roster, event.unit, row.tried.split()):
        row.bounces += 1
        objections.count(event, row.bounces, tx)
    decision = rules.after_objection(desk, event, row.urgent, row.bounces, row.tried.split())
    return [apply(desk, row, file, decision, tx)]


def note_acceptance(desk: Desk, event: TaskAccepted, tx: Tx) -> Messages:
    if case := move(tx, event.case_id, State.ACCEPTED, (State.ROUTED,), event.unit):
        case.trouble = None
    return []


def note_trouble(desk: Desk, event: TaskUndeliverable, tx: Tx) -> Messages:
    """It did not arrive: the adapter's people see to it, the case stays with its unit."""
    if case := move(tx, event.case_id, State.ROUTED, (State.ROUTED,), event.unit):
        case.trouble = event.reason
    return []


def note_answer(desk: Desk, event: AnswerGiven, tx: Tx) -> Messages:
    """Answered at the hotline before a unit accepted it: there is nothing left to route."""
    move(tx, event.case_id, State.ANSWERED, (State.HELD, State.ROUTED))
    return []


def note_outcome(desk: Desk, event: OutcomeReported, tx: Tx) -> Messages:
    move(tx, event.case_id, State.RESOLVED, (*OPEN, State.ANSWERED))
    return []


def note_closing(desk: Desk, event: CaseClosed, tx: Tx) -> Messages:
    move(tx, event.case_id, State.CLOSED, (*OPEN, State.ANSWERED, State.RESOLVED))
    return []


def erase(desk: Desk, event: CaseErased, tx: Tx) -> Messages:
    """Blank what was sealed; which unit, rule and reason stay for the counts (个人信息保护法 art 47)."""
    move(tx, event.case_id, State.CLOSED, tuple(State))
    if file := FILES.get(tx, event.case_id):
        file.record = ""
    tx.run(_UNSAY, case=event.case_id)
    return []


def only_count(desk: Desk, event: Event, tx: Tx) -> Messages:
    """Routing does not go by it; clocks do."""
    return []


def hear(desk: Desk, handler: Callable[..., Messages], event: Event, tx: Tx) -> Messages:
    """Clocks first: what a unit does is measured before the case leaves it. What intake says goes before."""
    said = handler(desk, event, tx) if isinstance(event, BEGINNINGS) else []
    case = CASES.get(tx, event.case_id)
    counted: Messages = []
    if case is not None:
        counted = [
            *counting.follow(desk.periods, case, event, tx),
            *on_call.follow(desk.duty, case, event, tx),
        ]
    return said + counted if isinstance(event, BEGINNINGS) else counted + handler(desk, event, tx)


HANDLERS: Final[Mapping[type[Event], Callable[..., Messages]]] = {
    CaseReceived: route_case,
    CaseCorrected: correct_case,
    CaseReopened: reopen_case,
    **dict.fromkeys((ClusterAlarmed, ClusterJoined), note_cluster),
    **dict.fromkeys(ONLY_COUNTED, only_count),
    TaskAccepted: note_acceptance,
    TaskObjected: take_back,
    TaskUndeliverable: note_trouble,
    AnswerGiven: note_answer,
    OutcomeReported: note_outcome,
    CaseClosed: note_closing,
    CaseErased: erase,
}
