"""Reading visits: an assistant's rounds, one visit, follow-ups that are due; always in the reader's scope.

Every list is read along an index of its own and cut off: a unit with 10,000 open visits costs no more than
one with a hundred.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, text
from sqlmodel import Session, col, select

from services.domain.visits import Time
from services.employment_adapter.models import DUE, OPEN, PLANNED, WAITING, Visit
from services.kernel.tasks.models import Task
from services.kernel.tasks.worklist import Scope

SHOWN: Final = 100  # of each list
Row = tuple[Visit, Task]
_ORDER: Final = {PLANNED: "starts_at", WAITING: "opened_at", DUE: "follow_up_at"}


@dataclass(frozen=True)
class Rounds:
    """`planned` by time, `waiting` for one (oldest first), `due`: follow-ups whose day has come."""

    planned: Sequence[Row]
    waiting: Sequence[Row]
    due: Sequence[Row]


def rounds(session: Session, units: Collection[str], now: datetime, assistant: str | None) -> Rounds:
    """Of one assistant, with what nobody of these units has yet; None: of everybody there."""
    if assistant is None:
        whose: list[ColumnElement[bool]] = [col(Visit.unit) == unit for unit in units]
    else:
        whose = [col(Visit.assistant) == assistant]
        whose += [(col(Visit.unit) == unit) & col(Visit.assistant).is_(None) for unit in units]
    within = col(Visit.unit).in_(units)
    lists = [_first(session, rows, [one & within for one in whose], now) for rows in _ORDER]
    tasks = _tasks(session, [visit.task for found in lists for visit in found])
    planned, waiting, due = ([(visit, tasks[visit.task]) for visit in found] for found in lists)
    return Rounds(planned, waiting, due)


def visit_of(session: Session, key: str, scope: Scope) -> Row | None:
    """The visit and its task, if it is in scope."""
    found = select(Visit, Task).where(Visit.task == Task.key, Visit.task == key)
    return session.exec(found if scope is None else found.where(col(Visit.unit).in_(scope))).one_or_none()


def free(session: Session, times: Sequence[Time], assistant: str) -> list[Time]:
    """The times at which this assistant has no visit yet."""
    planned = select(Visit.starts_at).where(text(OPEN), Visit.assistant == assistant)
    if times:
        planned = planned.where(col(Visit.starts_at) >= times[0].begins)
    taken = set(session.exec(planned))
    return [one for one in times if one.begins not in taken]


def _first(
    session: Session, rows: str, whose: Iterable[ColumnElement[bool]], now: datetime
) -> list[Visit]:  # fmt: skip
    """The first of these rows: asked for each of `whose` along its index, then put together."""
    order = _ORDER[rows]
    found = select(Visit).where(text(rows)).order_by(col(getattr(Visit, order))).limit(SHOWN)
    if rows is DUE:
        found = found.where(col(Visit.follow_up_at) <= now)
    visits = [visit for one in whose for visit in session.exec(found.where(one))]
    return sorted(visits, key=lambda visit: getattr(visit, order))[:SHOWN]


def _tasks(session: Session, keys: Collection[str]) -> dict[str, Task]:
    return {task.key: task for task in session.exec(select(Task).where(col(Task.key).in_(keys)))}
