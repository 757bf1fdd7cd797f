"""The report of the comparison, for people and programs, and a person's word that a difference is seen to."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Integer, bindparam, delete, or_, select, true
from sqlmodel import Session, col

from services.kernel.columns import UtcDateTime, table
from services.kernel.sql import Sql
from services.kernel.tasks.compared import DIFFERENCES, TaskComparison, TaskDifference
from services.kernel.tasks.verdicts import verdict
from services.kernel.tasks.worklist import Scope
from services.kernel.tx import Tx

RECENT: Final = timedelta(days=7)  # that what was settled is still shown
KEEP: Final = timedelta(days=90)
MOST: Final = 200  # differences that are shown; the metric counts all
_DIFFERENCE: Final = table(TaskDifference)
_OLD: Final = (
    select(_DIFFERENCE.c.id)
    .where(_DIFFERENCE.c.settled_at < bindparam("before", type_=UtcDateTime))
    .limit(bindparam("most", type_=Integer))
)
_FORGET: Final = Sql(delete(_DIFFERENCE).where(_DIFFERENCE.c.id.in_(_OLD)))


class RunOut(BaseModel):
    """The last comparison with one unit. `finished`: it came to its end. `listed`: the unit's system said
    what it has besides; else what only it knows was not looked for."""

    model_config = ConfigDict(from_attributes=True)

    unit: str
    unit_name: str
    begun_at: datetime | None
    ended_at: datetime | None
    finished: bool
    asked: int
    unanswered: int
    same: int
    healed: int
    person: int
    listed: bool


class DifferenceOut(BaseModel):
    """`ours`: the task's state here, or none; `theirs`: there. `verdict`: what was done about it; `advice`:
    what a person is to do. `case`: the case's number; null for a task that is not ours."""

    id: str
    unit: str
    unit_name: str
    task: str
    case: str | None
    case_id: UUID | None
    ours: str
    theirs: str
    verdict: str
    advice: str
    found_at: datetime
    seen_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    note: str | None


class Report(BaseModel):
    """What differs and waits for a person, oldest first, then what was settled in the last week."""

    runs: list[RunOut]
    differences: list[DifferenceOut]


def runs(session: Session, scope: Scope) -> list[TaskComparison]:
    within = true() if scope is None else col(TaskComparison.unit).in_(list(scope))
    return list(session.scalars(select(TaskComparison).where(within).order_by(col(TaskComparison.unit))))


def differences(session: Session, scope: Scope, now: datetime) -> list[TaskDifference]:
    settled = col(TaskDifference.settled_at)
    within = true() if scope is None else col(TaskDifference.unit).in_(list(scope))
    found = (
        select(TaskDifference)
        .where(within, or_(settled.is_(None), settled > now - RECENT))
        .order_by(settled.is_not(None), settled.desc(), col(TaskDifference.found_at))
        .limit(MOST)
    )
    return list(session.scalars(found))


def advice(row: TaskDifference, language: str) -> str:
    """What a person is to do; empty where a rule has seen to it."""
    said = verdict(row.ours, row.theirs)
    return said.en if language == "en" else said.zh


def settle(tx: Tx, identity: str, scope: Scope, by: str, note: str) -> bool:
    """A person has seen to it; found again, it is open again. False: there is no such difference."""
    row = DIFFERENCES.get(tx, identity)
    if row is None or row.settled_at is not None or (scope is not None and row.unit not in scope):
        return False
    row.settled_at, row.settled_by, row.note = tx.now, by, note
    return True


def forget(tx: Tx, limit: int = 500) -> int:
    """Delete what was settled long ago, at most `limit`."""
    return tx.run(_FORGET, before=tx.now - KEEP, most=limit)
