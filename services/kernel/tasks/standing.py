"""Where the tasks of a transaction stand, and which tasks a case has."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.kept import Kept
from services.kernel.sql import Sql
from services.kernel.tasks.models import Task, TaskMessage
from services.kernel.tx import Tx


@dataclass(slots=True)
class Standing:
    """The columns that steps change, as `models.Task` explains them."""

    key: str
    case_id: UUID
    number: str
    unit: str
    state: str
    via: str
    history: str
    delivered_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    reference: str | None
    officer: str | None
    reason: str | None
    status: int | None
    outcome: str | None
    cluster: str | None
    amount_recovered_fen: int | None
    stage: str | None
    officers: str
    recused: str


@dataclass(slots=True)
class Message:
    """A message that was applied."""

    id: str
    at: datetime


class TaskOfCase(NamedTuple):
    """A task of a case, as far as a new decision must know."""

    case_id: UUID
    key: str
    unit: str
    routed_at: datetime
    finished_at: datetime | None


@dataclass(slots=True)
class _Known:
    """The tasks of the cases that this transaction has looked up."""

    tasks: dict[UUID, list[TaskOfCase]] = field(default_factory=dict)


TASKS: Final = Kept(Task, Standing, key="key")
MESSAGES: Final = Kept(TaskMessage, Message, key="id")
_TASK: Final = table(Task)
_OF_CASES: Final = Sql(
    select(*(_TASK.c[name] for name in TaskOfCase._fields)).where(among(_TASK.c.case_id, "cases")), TaskOfCase
)


def look_up(tx: Tx, cases: Iterable[UUID]) -> None:
    """Find the tasks of these cases with one statement."""
    known = tx.note(_Known).tasks
    if missing := set(cases) - known.keys():
        known.update({case: [] for case in missing})
        for task in tx.all(_OF_CASES, cases=missing):
            known[task.case_id].append(task)


def tasks_of(tx: Tx, case_id: UUID) -> list[TaskOfCase]:
    look_up(tx, (case_id,))
    return tx.note(_Known).tasks[case_id]
