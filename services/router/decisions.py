"""A decision is applied to the case's row, written down, and said: in one place for rules and persons."""

import logging
from datetime import datetime
from uuid import UUID

from services.domain.events import CaseHeld, CaseReceived, CaseRouted, NoteAdded
from services.domain.kinds import Kind
from services.domain.routing_facts import street_at
from services.domain.routing_rules import Decision, Held, Routed
from services.domain.units import Unit
from services.kernel.problem import Problem
from services.kernel.tx import Tx
from services.router import rules
from services.router.cases import CASES, FILES, Case, File
from services.router.models import RouterDecision, State, problem
from services.router.rules import Desk

log = logging.getLogger(__name__)


def decide_by_hand(desk: Desk, case_id: UUID, unit: Unit, by: str, note: str, tx: Tx) -> None:
    """A supervisor sends a held case to `unit`; `note`: why, sealed for `task` as "note".

    Problem: not-found, or case-not-held (409) when somebody was faster.
    """
    row, file = CASES.get(tx, case_id), FILES.get(tx, case_id)
    if row is None or file is None:
        raise Problem.of("not-found")
    if row.state != State.HELD:
        raise problem("case-not-held")
    routed = apply(desk, row, file, rules.by_hand(desk, unit, row.urgent, row.hold_reason), tx, by, note)
    tx.put(routed, NoteAdded(case_id=case_id, at=tx.now, by=by, note=note))


def start_again(desk: Desk, row: Case, file: File, decision: Decision, tx: Tx) -> CaseRouted | CaseHeld:
    """New facts: no unit has had this case yet. What the rule calls urgent has the clocks of that."""
    row.tried = ""
    said = apply(desk, row, file, decision, tx)
    row.clocks = desk.periods.fitting(rules.read(file.facts), row.urgent)
    return said


def apply(
    desk: Desk, row: Case, file: File, decision: Decision, tx: Tx, by: str | None = None,
    note: str | None = None,
) -> CaseRouted | CaseHeld:  # fmt: skip
    waiting_since = row.held_at if row.state == State.HELD else None
    for name, value in standing(decision, row.urgent, row.tried, tx, waiting_since).items():
        setattr(row, name, value)
    row.trouble = None
    return decided(desk, file, row.bounces, decision, tx, by, note)


def standing(
    decision: Decision, urgent: bool, tried: str, tx: Tx, waiting_since: datetime | None = None
) -> dict[str, object]:
    """Where a case stands after a decision, as columns of its row."""
    if isinstance(decision, Routed):
        units = dict.fromkeys([*tried.split(), decision.unit.id])
        return {
            "state": State.ROUTED.value, "unit": decision.unit.id, "tried": " ".join(units),
            "urgent": decision.urgency == "urgent", "hold_reason": None, "hold_facts": None,
            "held_at": None, "updated_at": tx.now,
        }  # fmt: skip
    return {
        "state": State.HELD.value, "unit": None, "tried": tried, "urgent": urgent,
        "hold_reason": decision.reason, "hold_facts": rules.used_text(decision.facts_used),
        "held_at": waiting_since or tx.now, "updated_at": tx.now,
    }  # fmt: skip


def decided(
    desk: Desk, case: CaseReceived | File, bounces: int, decision: Decision, tx: Tx,
    by: str | None = None, note: str | None = None,
) -> CaseRouted | CaseHeld:  # fmt: skip
    """Write the decision down and say it."""
    routed = decision if isinstance(decision, Routed) else None
    tx.insert(
        RouterDecision, case_id=case.case_id, at=tx.now, unit=routed.unit.id if routed else None,
        hold_reason=decision.reason if isinstance(decision, Held) else None,
        rule=routed.rule if routed else decision.facts_used.get("rule"), version=desk.rules.version,
        facts=rules.used_text(decision.facts_used), district=routed.district if routed else None,
        urgency=routed.urgency if routed else None, bounces=bounces, by=by, note=note,
    )  # fmt: skip
    if isinstance(decision, Held):
        if decision.reason == "rule_failed":
            about = {
                "case_id": case.case_id,
                "rule": decision.facts_used.get("rule"),
                "version": desk.rules.version,
            }
            log.error("routing.rule_failed", extra=about)
        return CaseHeld(case_id=case.case_id, at=tx.now, reason=decision.reason, facts=decision.facts_used)
    known = case if isinstance(case, CaseReceived) else rules.read(case.facts)
    return CaseRouted(
        case_id=case.case_id, at=tx.now, by=by, number=case.number, kind=Kind(case.kind),
        unit=decision.unit.id, unit_name=decision.unit.name, service=decision.unit.service,
        district=decision.district, rule=decision.rule, version=decision.version,
        reason=decision.facts_used, urgency=decision.urgency, bounces=bounces,
        accept_by=desk.accept_by(decision, tx.now), record=case.record, cluster=known.cluster,
        street=street_at(known.residence),
    )  # fmt: skip
