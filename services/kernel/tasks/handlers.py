"""What an adapter does when something happened.

CaseRouted to its service   → a task, and SendTask or (no system at the unit) TaskDelivered at once
CaseRouted elsewhere        → the case's open task here is withdrawn
CaseCorrected               → an open task shows the corrected record
CaseClosed                  → open tasks are withdrawn
CaseErased                  → personal columns are blanked, the counts stay
TaskDelivered (our own)     → the task is at the unit
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update

from services.domain.events import (
    CaseClosed,
    CaseCorrected,
    CaseErased,
    CaseRouted,
    Event,
    TaskDelivered,
)
from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery import erasure, operate
from services.kernel.messages import Message
from services.kernel.partners import Partners
from services.kernel.service import Handlers
from services.kernel.store import Tx
from services.kernel.tasks.life import State
from services.kernel.tasks.models import UNFINISHED, Task, row_of
from services.kernel.tasks.sending import mark_delivered, send_task

_TASK = table(Task)
_ASKED, _KNOWN = "tasks.asked", "tasks.known"  # cases looked up by `prefetch`, and those that have a task
_HAVING: Final = select(_TASK.c.case_id).where(among(_TASK.c.case_id, "cases")).distinct()
ERASED: Final = ""


def open_task(event: CaseRouted, tx: Tx, *, service: str, partners: Partners) -> Iterable[Message]:
    """Open a task once per CaseRouted; whatever was open for the case before is no longer wanted."""
    if _may_have_tasks(tx, event.case_id):
        if _is_open_already(tx, event):
            return
        _withdraw(tx, event.case_id)
    if event.service != service:
        return
    key = str(tx.new_id())
    by_http = partners.of(event.unit).endpoint is not None
    tx.insert(Task, **row_of(event, key, "http" if by_http else "worklist", tx.now))
    tx.info.setdefault(_KNOWN, set()).add(event.case_id)
    if by_http:
        yield send_task(event, key)
    else:
        yield TaskDelivered(case_id=event.case_id, at=tx.now, unit=event.unit, task=key, via="worklist")


def withdraw_tasks(event: CaseClosed, tx: Tx) -> Iterable[Message]:
    if _may_have_tasks(tx, event.case_id):
        _withdraw(tx, event.case_id)
    return ()


def correct_record(event: CaseCorrected, tx: Tx) -> Iterable[Message]:
    if event.record is not None and _may_have_tasks(tx, event.case_id):
        tx.connection().execute(
            update(_TASK)
            .where(_TASK.c.case_id == event.case_id, text(UNFINISHED))
            .values(record=event.record)
        )
    return ()


def erase(event: CaseErased, tx: Tx) -> Iterable[Message]:
    if _may_have_tasks(tx, event.case_id):
        tx.connection().execute(
            update(_TASK)
            .where(_TASK.c.case_id == event.case_id)
            .values(record=ERASED, history="[]", officer=None)
        )
        erasure.erase(tx, event.case_id)
    return ()


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Look up which of a batch's cases have tasks here, so that the others cost nothing."""
    cases = {event.case_id for event in events if not isinstance(event, TaskDelivered)}
    found = tx.connection().execute(_HAVING, {"cases": cases})
    tx.info.setdefault(_KNOWN, set()).update(found.scalars())
    tx.info.setdefault(_ASKED, set()).update(cases)


def _may_have_tasks(tx: Tx, case_id: UUID) -> bool:
    known: set[UUID] = tx.info.get(_KNOWN, set())
    if case_id in known or case_id not in tx.info.get(_ASKED, ()):
        tx.flush_rows()
        return True
    return False


def _is_open_already(tx: Tx, event: CaseRouted) -> bool:
    """The same decision heard twice. Two decisions for one unit differ in their time."""
    same = (_TASK.c.case_id == event.case_id, _TASK.c.unit == event.unit, _TASK.c.routed_at == event.at)
    return tx.connection().execute(select(_TASK.c.key).where(*same)).first() is not None


def _withdraw(tx: Tx, case_id: UUID) -> None:
    withdrawn = tx.connection().execute(
        update(_TASK)
        .where(_TASK.c.case_id == case_id, text(UNFINISHED))
        .values(state=State.WITHDRAWN, finished_at=tx.now)
        .returning(_TASK.c.key, _TASK.c.unit, _TASK.c.via)
    )
    for row in withdrawn.all():
        if row.via == "http":
            operate.call_off(tx, row.unit, row.key)


def handlers(service: str, partners: Partners) -> Handlers:
    """The registry of the adapter of `service`."""
    return {
        CaseRouted: partial(open_task, service=service, partners=partners),
        CaseCorrected: correct_record,
        CaseClosed: withdraw_tasks,
        CaseErased: erase,
        TaskDelivered: mark_delivered,
    }
