"""A step of the unit, taken in one transaction: checked against the task's life, written down, and said.

A refusal is returned, not raised: it must not take the other units of its group with it.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from sqlalchemy import Integer, bindparam, delete, select

from services.domain.events import Event, OutcomeReported, TaskAccepted, TaskDelivered, TaskObjected
from services.domain.refusals import Refusal
from services.domain.sealing import Keyring
from services.kernel.columns import table
from services.kernel.delivery import operate
from services.kernel.problem import Problem
from services.kernel.sql import Sql
from services.kernel.tasks.actions import Said, event_of, step_of
from services.kernel.tasks.life import STATE_NAMES, STEP_NAMES, State, Step, Turn, after
from services.kernel.tasks.models import TaskMessage
from services.kernel.tasks.procedure import Procedure
from services.kernel.tasks.pursuit import pursue
from services.kernel.tasks.standing import MESSAGES, TASKS, Message, Standing
from services.kernel.tx import Tx

KEEP_MESSAGES: Final = timedelta(days=30)
FREE: Final = Procedure()
REMEMBERED: Final = 100  # entries of a task's own history; the case's timeline has them all
_MESSAGE: Final = table(TaskMessage)
_OLD: Final = (
    select(_MESSAGE.c.id).where(_MESSAGE.c.at < bindparam("before")).limit(bindparam("most", type_=Integer))
)
_FORGET: Final = Sql(delete(_MESSAGE).where(_MESSAGE.c.id.in_(_OLD)))


@dataclass(frozen=True, slots=True)
class Taken:
    """The task's state now. `again`: this message was applied before and nothing changed."""

    state: State
    again: bool = False


def take(
    tx: Tx, keyring: Keyring, key: str, units: Collection[str] | None, said: Said, by: str,
    message_id: str | None = None, procedure: Procedure = FREE,
) -> Taken | Problem | Refusal:  # fmt: skip
    """Take a step of the task `key`, if it is one of `units` (None: of any).

    message_id: the same message moves the task once. A Problem, returned: not-found for another unit's task,
    task-step-impossible (409) where the task's life has no such step. A Refusal, returned: the unit's own
    procedure does not allow it, or wants more. A unit's own system answers for its procedure itself (FREE).
    """
    row = TASKS.get(tx, key)
    if row is None or (units is not None and row.unit not in units):
        return Problem.of("not-found")
    step, state = step_of(said), State(row.state)
    target = after(state, step)
    message = None if message_id is None else message_key(row.unit, message_id)
    known = message is not None and MESSAGES.get(tx, message) is not None
    if known:
        return Taken(state, True)
    if target is None:
        return impossible(state, step)
    try:
        pursue(procedure, row, said)
    except Refusal as refused:
        return refused
    if message is not None:
        MESSAGES.add(tx, Message(message, tx.now))
    if state in (State.OPEN, State.BY_HAND) and (operate.confirm(tx, row.unit, key) or row.via == "file"):
        system: Literal["http", "file"] = "file" if row.via == "file" else "http"
        via = system if by == row.unit else "worklist"  # a person told the unit
        tx.put(TaskDelivered(case_id=row.case_id, at=tx.now, unit=row.unit, task=key, via=via))
    _move(tx, keyring, row, target, said, by)
    return Taken(target)


def receive(tx: Tx, key: str, unit: str, reference: str | None = None) -> Taken | Problem:
    """The unit has the task; one that has moved on since only learns its number there.

    Problem: not-found for another unit's task.
    """
    row = TASKS.get(tx, key)
    if row is None or row.unit != unit:
        return Problem.of("not-found")
    row.reference = row.reference or reference
    state = after(State(row.state), Turn.DELIVER)
    if state is None:
        return Taken(State(row.state), True)
    operate.confirm(tx, unit, key)
    row.state, row.delivered_at = state, row.delivered_at or tx.now
    via: Literal["http", "file"] = "file" if row.via == "file" else "http"
    tx.put(
        TaskDelivered(case_id=row.case_id, at=tx.now, unit=unit, task=key, via=via, reference=row.reference)
    )
    return Taken(state)


def message_key(unit: str, message_id: str) -> str:
    """The id of a unit's message in `task_message`."""
    return f"{unit} {message_id}"


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
    return tx.run(_FORGET, before=tx.now - KEEP_MESSAGES, most=limit)


def remember(row: Standing, event: Event) -> None:
    """Write the event into the task's own history."""
    entry = event.model_dump(mode="json", exclude={"case_id", "unit", "task"}, exclude_none=True)
    history = [*json.loads(row.history), {"type": type(event).__name__, **entry}][-REMEMBERED:]
    row.history = json.dumps(history, separators=(",", ":"))


def _move(tx: Tx, keyring: Keyring, row: Standing, target: State, said: Said, by: str) -> None:
    def seal(audience: str, field: str, text: str) -> str:
        return keyring.seal(audience, row.case_id, field, text, tx.random.randbytes)

    event = event_of(said, row.case_id, row.unit, row.key, tx.now, by, seal)
    row.state = target
    remember(row, event)
    row.delivered_at = row.delivered_at or tx.now
    row.officer = said.officer or row.officer
    _mark(row, event)
    tx.put(event)


def _mark(row: Standing, event: Event) -> None:
    """The columns that only one kind of step sets."""
    match event:
        case TaskAccepted():
            row.accepted_at = event.at
        case TaskObjected():
            row.finished_at, row.reason = event.at, event.reason
        case OutcomeReported():
            row.finished_at, row.outcome = event.at, event.outcome
            row.amount_recovered_fen = event.amount_recovered_fen
