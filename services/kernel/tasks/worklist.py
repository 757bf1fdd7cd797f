"""Reading tasks: a worklist in its order, one task with its history, counts; always in the reader's scope."""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, SelectBase, func, select, text, true, union_all
from sqlmodel import Session, col

from services.domain.events import EVENTS, Event
from services.domain.sealing import Keyring, Sealed
from services.kernel.roles import Principal
from services.kernel.tasks.life import State
from services.kernel.tasks.models import UNFINISHED, Task

PAGE: Final = 200
Scope = Collection[str] | None  # unit ids, None: all


class Tab(StrEnum):
    """The lists of a desk."""

    WAITING = "waiting"
    WORKING = "working"
    BY_HAND = "by_hand"
    DONE = "done"


STATES: Final[Mapping[Tab, tuple[State, ...]]] = {
    Tab.WAITING: (State.DELIVERED, State.OPEN),
    Tab.WORKING: (State.ACCEPTED, State.IN_PROGRESS),
    Tab.BY_HAND: (State.BY_HAND,),
    Tab.DONE: (State.COMPLETED, State.OBJECTED, State.WITHDRAWN),
}
OPEN_STATES: Final = tuple(state for tab, states in STATES.items() if tab is not Tab.DONE for state in states)
TAB_OF: Final[Mapping[State, Tab]] = {state: tab for tab, states in STATES.items() for state in states}


@dataclass(frozen=True)
class Page:
    """`next`: the cursor of the following page, None on the last."""

    tasks: list[Task]
    next: str | None


@dataclass(frozen=True)
class Entry:
    """Something that was said of the task; `text` is the note or summary, opened."""

    event: Event
    text: str | None


def scope_of(who: Principal) -> Scope:
    """Whose tasks a principal may see: a supervisor all, everybody else those of their own units."""
    return None if who.may("task.read.all") else who.units


def tasks(
    session: Session, tab: Tab, scope: Scope, *, unit: str | None = None, after: str | None = None,
    limit: int = PAGE,
) -> Page:  # fmt: skip
    """One page of a list: open tasks by rank (urgent, due, oldest first), finished ones newest first."""
    done = tab is Tab.DONE
    order = col(Task.key) if done else col(Task.rank)
    wanted: list[ColumnElement[bool]] = [col(Task.state).in_(STATES[tab])]
    if not done:
        # Also the first page begins somewhere: PostgreSQL would else sort all open tasks.
        wanted += [col(Task.finished_at).is_(None), order > (after or "")]
    elif after is not None:
        wanted.append(order < after)
    if unit is not None:
        wanted.append(col(Task.unit) == unit)
    if done and scope is not None and len(scope) > 1:
        found = select(Task).where(col(Task.key).in_(_newest_of_each(scope, wanted, limit + 1)))
    else:
        found = select(Task).where(_within(scope), *wanted)
    rows = list(session.scalars(found.order_by(order.desc() if done else order).limit(limit + 1)))
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(rows[:limit], (last.key if done else last.rank) if last else None)


def _newest_of_each(units: Collection[str], wanted: Sequence[ColumnElement[bool]], limit: int) -> SelectBase:
    """Keys by one index for each unit: asked for all at once, SQLite reads all that they ever finished."""
    each = (
        select(col(Task.key))
        .where(col(Task.unit) == unit, *wanted)
        .order_by(col(Task.key).desc())
        .limit(limit)
        .subquery()
        for unit in units
    )
    return union_all(*(select(one.c.key) for one in each))


def task_of(session: Session, key: str, scope: Scope) -> Task | None:
    """The task, if it is in scope."""
    return session.scalars(select(Task).where(col(Task.key) == key, _within(scope))).one_or_none()


def counts(session: Session, scope: Scope) -> dict[Tab, int]:
    """How many open tasks each list holds; finished ones are not counted."""
    found = (
        select(col(Task.state), func.count())
        .where(text(UNFINISHED), _within(scope), col(Task.state).in_(OPEN_STATES))  # finds the index by it
        .group_by(col(Task.state))
    )
    counted: dict[Tab, int] = {tab: 0 for tab in Tab if tab is not Tab.DONE}
    for state, number in session.execute(found):
        counted[TAB_OF[State(state)]] += number
    return counted


def record_of(task: Task, keyring: Keyring) -> dict[str, object] | None:
    """The record, opened; None where it is erased or its key is not here."""
    try:
        found = json.loads(keyring.open(task.record, task.case_id, "record"))
    except (Sealed, ValueError):
        return None
    return found if isinstance(found, dict) else None


def history_of(task: Task, keyring: Keyring) -> list[Entry]:
    """What was said of the task, oldest first."""
    entries = []
    for one in json.loads(task.history):
        kind = EVENTS[one.pop("type")]
        event = kind.model_validate({**one, "case_id": task.case_id, "unit": task.unit, "task": task.key})
        entries.append(Entry(event, _text(event, keyring)))
    return entries


def _text(event: Event, keyring: Keyring) -> str | None:
    """What was written, after who took over."""
    said = []
    for field in ("taken_over_by", "note", "summary"):
        if sealed := getattr(event, field, None):
            with suppress(Sealed):
                said.append(keyring.open(sealed, event.case_id, field))
    return "：".join(said) or None


def _within(scope: Scope) -> ColumnElement[bool]:
    return col(Task.unit).in_(scope) if scope is not None else true()
