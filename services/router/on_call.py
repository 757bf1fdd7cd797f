"""On call (值班): an urgent case that comes while nobody is at the desks goes to the people of that night.

    first officer ──N minutes──▶ next ──N minutes──▶ … ──▶ everybody of the unit and the hotline's supervisor
          └──────────── acknowledged (text message, link, page, telephone) ends it at any step ─────────────┘

An alarm is a row with the moment of its next round; `signals` calls `ring` when that has come. Who is on duty
is data of the city (duty.toml). What goes out is staff numbers; the notifier knows telephones.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from services.domain.duty import outside_hours
from services.domain.events import (
    AlertAcknowledged,
    CaseClosed,
    CaseCorrected,
    CaseErased,
    CaseHeld,
    CaseRouted,
    Event,
    OutcomeReported,
    StaffAlerted,
    TaskAccepted,
    TaskObjected,
    TaskProgressed,
)
from services.kernel.messages import Message
from services.kernel.problem import Problem
from services.kernel.tx import Tx
from services.router.alerts import ACKNOWLEDGED, ALERTS, OPEN, OVER, Alert, OnCall
from services.router.cases import CASES, Case
from services.router.models import KINDS, State

_ENDS: Final = (
    CaseClosed, CaseErased, CaseHeld, CaseRouted, OutcomeReported, TaskAccepted, TaskObjected, TaskProgressed,
)  # fmt: skip


def follow(on_call: OnCall, case: Case, event: Event, tx: Tx) -> Iterator[Message]:
    """Raise an alarm for an urgent case at night; end the one whose unit moved, or whose case went on."""
    if isinstance(event, AlertAcknowledged):
        _acknowledged(case, event, tx)
    elif isinstance(event, _ENDS) and case.alert is not None:
        _over(case, event, tx)
    made_urgent = isinstance(event, CaseCorrected) and "urgent" in event.changed
    if not (isinstance(event, CaseRouted) or made_urgent) or not case.urgent or case.alert is not None:
        return
    if case.state == State.ROUTED and case.unit and outside_hours(tx.now, on_call.calendar):
        tonight = on_call.duty.tonight(case.unit, tx.now, on_call.calendar)
        alert = ALERTS.add(tx, Alert(tx.new_id(), case.case_id, case.unit, " ".join(tonight), tx.now))
        case.alert = alert.id
        yield from ring(on_call, alert, tx)


def ring(on_call: OnCall, alert: Alert, tx: Tx) -> Iterator[Message]:
    """The next round: the next of the night's officers or, after the last one, everybody."""
    officers, called = alert.officers.split(), alert.called.split()
    alert.next_at = None
    if alert.rounds < len(officers):
        wanted = [officers[alert.rounds]]
        reason = "nobody_answered" if alert.rounds else "on_call"
        alert.next_at = tx.now + timedelta(minutes=on_call.duty.next_after)
    else:
        watch = on_call.duty.by_unit.get(alert.unit)
        everybody = [*(one.number for one in (watch.staff if watch else ())),
                     *(one.number for one in on_call.duty.supervisor)]  # fmt: skip
        wanted = [one for one in everybody if one not in called or watch is None]
        reason = "everybody" if officers else "on_call"
    alert.rounds += 1
    alert.called = " ".join(dict.fromkeys([*called, *wanted]))
    if wanted:
        yield StaffAlerted(
            case_id=alert.case_id, at=tx.now, unit=alert.unit, alert=str(alert.id), staff=tuple(wanted),
            reason=reason,
        )  # fmt: skip


def acknowledge(
    tx: Tx,
    alert_id: UUID,
    staff: str,
    channel: Literal["page", "phone"],
    by: str,
    units: tuple[str, ...] = (),
) -> None:
    """Somebody of the desk or the unit says that `staff` has it; twice is once.

    `units`: whose alarms `by` may see, all when empty.

    Problem: not-found, alert-over (409) when it was answered by somebody else or the case has moved on.
    """
    alert = ALERTS.get(tx, alert_id)
    case = CASES.get(tx, alert.case_id) if alert is not None else None
    if alert is None or case is None or (units and alert.unit not in units):
        raise Problem.of("not-found")
    if alert.state == ACKNOWLEDGED and alert.staff == staff:
        return
    if alert.state != OPEN:
        kind = KINDS["alert-over"]
        raise Problem("alert-over", kind.status, kind.zh, kind.en)
    tx.put(
        AlertAcknowledged(
            case_id=alert.case_id, at=tx.now, by=by, unit=alert.unit, alert=str(alert.id), staff=staff,
            channel=channel,
        )
    )  # fmt: skip


def _acknowledged(case: Case, event: AlertAcknowledged, tx: Tx) -> None:
    """Whoever answers first has it. An answer to an alarm that is over moves nothing."""
    if case.alert is None or str(case.alert) != event.alert:
        return
    if alert := ALERTS.get(tx, case.alert):
        alert.state, alert.staff, alert.channel = ACKNOWLEDGED, event.staff, event.channel
        alert.ended_at, alert.next_at = event.at, None
    case.alert = None


def _over(case: Case, event: Event, tx: Tx) -> None:
    unit = getattr(event, "unit", None)
    alert = ALERTS.get(tx, case.alert) if case.alert else None
    if alert is None or (unit not in (None, alert.unit) and not isinstance(event, CaseRouted)):
        return
    if isinstance(event, CaseRouted) and unit == alert.unit:
        return
    alert.state, alert.ended_at, alert.next_at = OVER, event.at, None
    case.alert = None
