"""From what happened to where the case goes; service.py gives every handler its desk."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import update

from services.domain.events import (
    AnswerGiven,
    CaseClosed,
    CaseCorrected,
    CaseErased,
    CaseReceived,
    CaseReopened,
    Event,
    OutcomeReported,
    TaskAccepted,
    TaskObjected,
    TaskUndeliverable,
)
from services.domain.routing_rules import Held, decide
from services.kernel.columns import table
from services.kernel.messages import Message
from services.kernel.store import Tx
from services.router import rules
from services.router.decisions import apply, decided, standing, start_again
from services.router.models import RouterDecision, State, find, move, open_case
from services.router.rules import Desk

OPEN: Final = (State.HELD, State.ROUTED, State.ACCEPTED)
AT_UNIT: Final = (State.ROUTED, State.ACCEPTED)
Messages = list[Message]


def route_case(desk: Desk, event: CaseReceived, tx: Tx) -> Messages:
    """A new case: to the unit of the first rule that fits, or to a person."""
    if find(tx, event.case_id) is not None:
        return []
    facts = rules.facts_of(event)
    decision = decide(desk.rules, facts)
    open_case(
        tx, event.case_id, number=event.number, kind=event.kind.value, facts=rules.written(facts),
        record=event.record, **standing(decision, facts.urgent, "", tx),
    )  # fmt: skip
    return [decided(desk, event, 0, decision, tx)]


def correct_case(desk: Desk, event: CaseCorrected, tx: Tx) -> Messages:
    """What was wrong is put right: a held case is decided again, one that nobody accepted may move."""
    row = find(tx, event.case_id)
    if row is None:
        return []
    before = rules.read(row.facts)
    after = rules.corrected(before, event)
    row.facts, row.kind, row.updated_at = rules.written(after), after.kind.value, tx.now
    row.record = event.record or row.record
    if "urgent" in event.changed:
        row.urgent = after.urgent
    if row.state == State.ROUTED:
        moved = rules.elsewhere(desk, before, after, row.unit)
        return [start_again(desk, row, moved, tx)] if moved else []
    held_for = rules.used(row.hold_facts)
    if row.state != State.HELD or not rules.is_news(before, after, event, held_for.get("objection")):
        return []
    decision = decide(desk.rules, after)
    if isinstance(decision, Held) and (decision.reason, decision.facts_used) == (row.hold_reason, held_for):
        return []
    return [start_again(desk, row, decision, tx)]


def reopen_case(desk: Desk, event: CaseReopened, tx: Tx) -> Messages:
    """The case starts again with every unit open to it; an erased one has nothing left to send."""
    row = find(tx, event.case_id)
    if row is None or row.state in OPEN or not row.record:
        return []
    return [start_again(desk, row, decide(desk.rules, rules.read(row.facts)), tx)]


def take_back(desk: Desk, event: TaskObjected, tx: Tx) -> Messages:
    """The unit that has the case objects. A unit that no longer has it moves nothing."""
    row = find(tx, event.case_id)
    if row is None or row.unit != event.unit or row.state not in AT_UNIT:
        return []
    row.bounces += 1
    proposed = rules.proposed_unit(desk, event.proposed_unit)
    row.proposed_unit = proposed.id if proposed else None
    decision = rules.after_objection(desk, event, row.urgent, row.bounces, row.tried.split())
    return [apply(desk, row, decision, tx)]


def note_acceptance(desk: Desk, event: TaskAccepted, tx: Tx) -> Messages:
    move(tx, event.case_id, State.ACCEPTED, (State.ROUTED,), event.unit, trouble=None)
    return []


def note_trouble(desk: Desk, event: TaskUndeliverable, tx: Tx) -> Messages:
    """It did not arrive: the adapter's people see to it, the case stays with its unit."""
    move(tx, event.case_id, State.ROUTED, (State.ROUTED,), event.unit, trouble=event.reason)
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
    move(tx, event.case_id, State.CLOSED, tuple(State), record="")
    decisions = table(RouterDecision)
    tx.flush_rows()
    tx.connection().execute(update(decisions).where(decisions.c.case_id == event.case_id).values(note=None))
    return []


HANDLERS: Final[Mapping[type[Event], Callable[..., Messages]]] = {
    CaseReceived: route_case,
    CaseCorrected: correct_case,
    CaseReopened: reopen_case,
    TaskAccepted: note_acceptance,
    TaskObjected: take_back,
    TaskUndeliverable: note_trouble,
    AnswerGiven: note_answer,
    OutcomeReported: note_outcome,
    CaseClosed: note_closing,
    CaseErased: erase,
}
