"""Reading visits: an assistant's rounds, one visit, follow-ups that are due; always in the reader's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, text, true
from sqlmodel import Session, col, or_, select

from services.domain.visits import Time
from services.employment_adapter.models import DUE, OPEN, Visit
from services.kernel.tasks.models import Task
from services.kernel.tasks.worklist import Scope

SHOWN: Final = 200
Row = tuple[Visit, Task]


@dataclass(frozen=True)
class Rounds:
    """`open`: visits to be agreed on, made, or to be entered, those with a time first, in its order;
    `due`: follow-ups whose day has come.
    """

    open: Sequence[Row]
    due: Sequence[Row]


def rounds(session: Session, scope: Scope, now: datetime, assistant: str | None) -> Rounds:
    """Of one assistant, with what nobody has yet; None: of everybody in scope."""
    both = select(Visit, Task).where(Visit.task == Task.key, _within(scope))
    mine = true() if assistant is None else or_(Visit.assistant == assistant, col(Visit.assistant).is_(None))
    waiting = both.where(text(OPEN), mine).order_by(
        col(Visit.starts_at).is_(None), col(Visit.starts_at), col(Visit.opened_at)
    )
    due = both.where(text(DUE), mine, col(Visit.follow_up_at) <= now).order_by(col(Visit.follow_up_at))
    return Rounds(session.exec(waiting.limit(SHOWN)).all(), session.exec(due.limit(SHOWN)).all())


def visit_of(session: Session, key: str, scope: Scope) -> Row | None:
    """The visit and its task, if it is in scope."""
    return session.exec(
        select(Visit, Task).where(Visit.task == Task.key, Visit.task == key, _within(scope))
    ).one_or_none()


def free(session: Session, times: Sequence[Time], assistant: str | None) -> list[Time]:
    """The times at which this assistant has no visit yet."""
    if assistant is None:
        return list(times)
    taken = set(
        session.exec(
            select(Visit.starts_at).where(
                text(OPEN), Visit.assistant == assistant, col(Visit.starts_at).is_not(None)
            )
        )
    )
    return [one for one in times if one.begins not in taken]


def _within(scope: Scope) -> ColumnElement[bool]:
    return col(Visit.unit).in_(scope) if scope is not None else true()
