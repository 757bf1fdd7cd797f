"""What an adapter does when something happened.

CaseRouted to its service   → a task, and SendTask or (no system at the unit) TaskDelivered at once
CaseRouted elsewhere        → the case's open task here is withdrawn
CaseCorrected               → an open task shows the corrected record
CallAttached, ClusterAlarmed, ClusterJoined → open tasks show it, and units' systems are told (news.py)
CaseClosed                  → open tasks are withdrawn
CaseErased                  → personal columns are blanked, the counts stay
TaskDelivered (our own)     → the task is at the unit
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select, text, update

from services.domain.events import (
    CallAttached,
    CaseClosed,
    CaseCorrected,
    CaseErased,
    CaseRouted,
    ClusterAlarmed,
    ClusterJoined,
    Event,
    TaskDelivered,
)
from services.kernel.columns import table
from services.kernel.delivery import erasure, operate
from services.kernel.eventlog import Record
from services.kernel.kept import Wanted
from services.kernel.messages import Message
from services.kernel.partners import Partners
from services.kernel.service import Handlers
from services.kernel.sql import Sql
from services.kernel.tasks.documents import TaskDocument
from services.kernel.tasks.life import State
from services.kernel.tasks.models import UNFINISHED, Task, row_of
from services.kernel.tasks.news import hear_news
from services.kernel.tasks.sending import mark_delivered, send_task
from services.kernel.tasks.standing import TASKS, TaskOfCase, look_up, tasks_of
from services.kernel.tasks.workers import TaskWorker
from services.kernel.tx import Tx

Opened = Callable[[CaseRouted, str, str, Tx], None]  # a task's key, and how its unit is reached
_TASK: Final = table(Task)
_OF_CASE: Final = update(_TASK).where(_TASK.c.case_id == bindparam("case"))
_CORRECT: Final = Sql(_OF_CASE.where(text(UNFINISHED)).values(record=bindparam("corrected")))
_ERASE: Final = Sql(_OF_CASE.values(record="", history="[]", officer=None))
_KEYS: Final = select(_TASK.c.key).where(_TASK.c.case_id == bindparam("case"))
_WORKERS, _DOCUMENTS = table(TaskWorker), table(TaskDocument)
_ERASE_WORKERS: Final = Sql(update(_WORKERS).where(_WORKERS.c.task.in_(_KEYS)).values(name=""))
# Without its key a document's file is noise.
_ERASE_DOCUMENTS: Final = Sql(update(_DOCUMENTS).where(_DOCUMENTS.c.task.in_(_KEYS)).values(name="", key=""))


def open_task(
    event: CaseRouted, tx: Tx, *, service: str, partners: Partners, opened: Opened | None = None
) -> Iterable[Message]:
    """Open a task once per CaseRouted; whatever was open for the case before is no longer wanted.

    The same decision heard twice opens nothing. Two decisions for one unit differ in their time.
    """
    tasks = tasks_of(tx, event.case_id)
    if any((task.unit, task.routed_at) == (event.unit, event.at) for task in tasks):
        return
    _withdraw(tx, event.case_id)
    if event.service != service:
        return
    key = str(tx.new_id())
    via = partners.of(event.unit).via
    tx.insert(Task, **row_of(event, key, via, tx.now))
    tasks.append(TaskOfCase(event.case_id, key, event.unit, event.at, None))
    if opened is not None:
        opened(event, key, via, tx)
    if via != "worklist":
        yield send_task(event, key)
    else:
        yield TaskDelivered(case_id=event.case_id, at=tx.now, unit=event.unit, task=key, via="worklist")


def withdraw_tasks(event: CaseClosed, tx: Tx) -> Iterable[Message]:
    _withdraw(tx, event.case_id)
    return ()


def correct_record(event: CaseCorrected, tx: Tx) -> Iterable[Message]:
    if event.record is not None and tasks_of(tx, event.case_id):
        tx.run(_CORRECT, case=event.case_id, corrected=event.record)
    return ()


def erase(event: CaseErased, tx: Tx) -> Iterable[Message]:
    if tasks_of(tx, event.case_id):
        for erasing in (_ERASE, _ERASE_WORKERS, _ERASE_DOCUMENTS):
            tx.run(erasing, case=event.case_id)
        erasure.erase(tx, event.case_id)
    return ()


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Look up a batch's tasks: by case for what others said, by key for what our own caller says."""
    look_up(tx, {event.case_id for event in events if not isinstance(event, TaskDelivered)})
    TASKS.load(tx, {event.task for event in events if isinstance(event, TaskDelivered)})


def presses(record: Record, service: str) -> bool:
    """A new task of ours. All else changes one that is there, or takes it away: that may be a second late."""
    return record.type == "CaseRouted" and json.loads(record.body)["service"] == service


def looks_at(event: Event) -> tuple[Wanted, ...]:
    """What `mark_delivered` looks at."""
    return (TASKS.want(event.task),) if isinstance(event, TaskDelivered) else ()


def _withdraw(tx: Tx, case_id: UUID) -> None:
    unfinished = [task.key for task in tasks_of(tx, case_id) if task.finished_at is None]
    TASKS.load(tx, unfinished)
    for key in unfinished:
        row = TASKS.get(tx, key)
        if row is None or row.finished_at is not None:
            continue
        row.state, row.finished_at = State.WITHDRAWN, tx.now
        if row.via != "worklist":
            operate.call_off(tx, row.unit, key)


def handlers(service: str, partners: Partners, opened: Opened | None = None) -> Handlers:
    """The registry of the adapter of `service`. `opened`: told of every new task."""
    return {
        CaseRouted: partial(open_task, service=service, partners=partners, opened=opened),
        CaseCorrected: correct_record,
        CaseClosed: withdraw_tasks,
        CaseErased: erase,
        CallAttached: hear_news,
        ClusterAlarmed: hear_news,
        ClusterJoined: hear_news,
        TaskDelivered: mark_delivered,
    }
