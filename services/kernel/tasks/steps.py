"""A step of the unit, taken in one transaction: checked against the task's life, written down, and said.

A refusal is returned, not raised: it must not take the other units of its group with it.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import Row, bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from services.domain.events import Event, OutcomeReported, TaskAccepted, TaskDelivered, TaskObjected
from services.domain.sealing import Keyring
from services.kernel.columns import table
from services.kernel.delivery import operate
from services.kernel.problem import Problem
from services.kernel.store import Tx
from services.kernel.tasks.actions import Said, event_of, step_of
from services.kernel.tasks.life import STATE_NAMES, STEP_NAMES, State, Step, after
from services.kernel.tasks.models import Task, TaskMessage

KEEP_MESSAGES: Final = timedelta(days=30)
REMEMBERED: Final = 100  # entries of a task's own history; the case's timeline has them all
_TASK, _MESSAGE = table(Task), table(TaskMessage)
_STANDING: Final = ("case_id", "unit", "state", "via", "history", "delivered_at", "officer")
_MARKS: Final = ("accepted_at", "finished_at", "reason", "outcome", "amount_recovered_fen")
# Made once: every call-back passes here.
_FIND: Final = select(*(_TASK.c[name] for name in _STANDING)).where(_TASK.c.key == bindparam("task"))
_REMEMBER: Final = insert(_MESSAGE).on_conflict_do_nothing()
_MOVE: Final = (
    update(_TASK)
    .where(_TASK.c.key == bindparam("task"))
    .values({name: bindparam(f"new_{name}") for name in ("state", "history", "delivered_at", "officer")})
    .values(
        {
            name: func.coalesce(bindparam(f"new_{name}", type_=_TASK.c[name].type), _TASK.c[name])
            for name in _MARKS
        }
    )
)


@dataclass(frozen=True, slots=True)
class Taken:
    """The task's state now. `again`: this message was applied before and nothing changed."""

    state: State
    again: bool = False


def take(
    tx: Tx, keyring: Keyring, key: str, units: Collection[str] | None, said: Said, by: str,
    message_id: str | None = None,
) -> Taken | Problem:  # fmt: skip
    """Take a step of the task `key`, if it is one of `units` (None: of any).

    message_id: the same message moves the task once. A Problem, returned: not-found for another unit's task,
    task-step-impossible (409) where the task's life has no such step.
    """
    row = tx.connection().execute(_FIND, {"task": key}).one_or_none()
    if row is None or (units is not None and row.unit not in units):
        return Problem.of("not-found")
    step, state = step_of(said), State(row.state)
    target = after(state, step)
    if target is None:
        return Taken(state, True) if _was_applied(tx, row.unit, message_id) else impossible(state, step)
    if message_id is not None and not _remember(tx, row.unit, message_id):
        return Taken(state, True)
    if row.via == "http" and state in (State.OPEN, State.BY_HAND) and operate.confirm(tx, row.unit, key):
        via: Literal["http", "worklist"] = "http" if by == row.unit else "worklist"  # a person told the unit
        tx.put(TaskDelivered(case_id=row.case_id, at=tx.now, unit=row.unit, task=key, via=via))
    _move(tx, keyring, key, row, target, said, by)
    return Taken(target)


def impossible(state: State, step: Step) -> Problem:
    standing, wanted = STATE_NAMES[state], STEP_NAMES[step]
    return Problem(
        "task-step-impossible",
        409,
        f"任务目前为“{standing.zh}”，不能{wanted.zh}，没有做任何改动。",
        f'The task stands at "{standing.en}" and cannot be {wanted.en}. Nothing was changed.',
    )


def forget_messages(tx: Tx, limit: int = 500) -> int:
    """Delete message ids older than KEEP_MESSAGES, at most `limit`: one small bite at a time."""
    old = tx.connection().execute(
        select(_MESSAGE.c.unit, _MESSAGE.c.message_id)
        .where(_MESSAGE.c.at < tx.now - KEEP_MESSAGES)
        .limit(limit)
    )
    rows = old.all()
    for row in rows:
        tx.connection().execute(
            delete(_MESSAGE).where(_MESSAGE.c.unit == row.unit, _MESSAGE.c.message_id == row.message_id)
        )
    return len(rows)


def _move(tx: Tx, keyring: Keyring, key: str, row: "Row[Any]", target: State, said: Said, by: str) -> None:
    def seal(audience: str, field: str, text: str) -> str:
        return keyring.seal(audience, row.case_id, field, text, tx.random.randbytes)

    event = event_of(said, row.case_id, row.unit, key, tx.now, by, seal)
    entry = event.model_dump(mode="json", exclude={"case_id", "unit", "task"}, exclude_none=True)
    history = [*json.loads(row.history), {"type": type(event).__name__, **entry}][-REMEMBERED:]
    values: dict[str, object] = dict.fromkeys(_MARKS) | _marks(event)
    values |= {
        "state": target,
        "history": json.dumps(history, separators=(",", ":")),
        "delivered_at": row.delivered_at or tx.now,
        "officer": said.officer or row.officer,
    }
    tx.connection().execute(_MOVE, {"task": key} | {f"new_{name}": value for name, value in values.items()})
    tx.put(event)


def _marks(event: Event) -> dict[str, object]:
    """The columns that only one kind of step sets."""
    match event:
        case TaskAccepted():
            return {"accepted_at": event.at}
        case TaskObjected():
            return {"finished_at": event.at, "reason": event.reason}
        case OutcomeReported():
            amount = event.amount_recovered_fen
            return {"finished_at": event.at, "outcome": event.outcome, "amount_recovered_fen": amount}
    return {}


def _remember(tx: Tx, unit: str, message_id: str) -> bool:
    """False: this message was applied before."""
    values = {"unit": unit, "message_id": message_id, "at": tx.now}
    return tx.connection().execute(_REMEMBER, values).rowcount == 1


def _was_applied(tx: Tx, unit: str, message_id: str | None) -> bool:
    found = select(_MESSAGE.c.at).where(_MESSAGE.c.unit == unit, _MESSAGE.c.message_id == message_id)
    return message_id is not None and tx.connection().execute(found).first() is not None
