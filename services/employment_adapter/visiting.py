"""An entry of an assistant, taken in one transaction: the visit, its task, and what everybody hears of it.

A visit that is agreed on or made is a step of the task (procedure.toml); the first one also accepts it. A
refusal is returned, not raised: it must not take the other units of its group with it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, select, text

from services.domain.city import City
from services.domain.events import TaskProgressed
from services.domain.refusals import Refusal
from services.domain.sealing import Keyring
from services.domain.visits import morning_after, times
from services.employment_adapter.entries import (
    STAGES,
    Attempted,
    Ended,
    FollowedUp,
    HandedOver,
    Planned,
    Said,
    Warned,
    dated,
)
from services.employment_adapter.models import OPEN, Visit, problem
from services.employment_adapter.standing import VISITS, Standing
from services.kernel.columns import table
from services.kernel.problem import Problem
from services.kernel.sql import Sql
from services.kernel.tasks import standing as tasks
from services.kernel.tasks.actions import Acceptance, Progress
from services.kernel.tasks.life import WAITING, State
from services.kernel.tasks.procedure import Procedure, follow
from services.kernel.tasks.standing import MESSAGES, TASKS, Message
from services.kernel.tasks.steps import Taken, message_key, remember, take
from services.kernel.tasks.worklist import Scope
from services.kernel.tx import Tx

LATE: Final = timedelta(days=7)  # how long a phone may have kept an entry
SKEW: Final = timedelta(minutes=5)
_VISIT: Final = table(Visit)
_BUSY: Final = Sql(
    select(_VISIT.c.task).where(
        text(OPEN), _VISIT.c.assistant == bindparam("who"), _VISIT.c.starts_at == bindparam("begins")
    )
)


@dataclass(frozen=True)
class Office:
    """What visits are made with."""

    city: City
    keyring: Keyring
    procedure: Procedure


@dataclass(frozen=True)
class Entered:
    """Who enters something of the visit of task `key`. `once`: names the entry, so that it counts once."""

    key: str
    units: Scope
    by: str
    once: str | None


Answer = Taken | Problem | Refusal


def enter(tx: Tx, office: Office, entered: Entered, said: Said) -> Answer:
    """Apply the entry. A Problem or Refusal, returned: nothing was changed."""
    visit, task = VISITS.get(tx, entered.key), TASKS.get(tx, entered.key)
    if visit is None or task is None or (entered.units is not None and task.unit not in entered.units):
        return Problem.of("not-found")
    mark = None if entered.once is None else message_key(task.unit, f"visit:{task.key}:{entered.once}")
    if mark is not None and MESSAGES.get(tx, mark) is not None:
        return Taken(State(task.state), True)
    refused = _apply(tx, office, entered.by, visit, task, said)
    if refused is not None:
        return refused
    if mark is not None:
        MESSAGES.add(tx, Message(mark, tx.now))
    return Taken(State(task.state))


def _apply(
    tx: Tx, office: Office, by: str, visit: Standing, task: tasks.Standing, said: Said
) -> Problem | Refusal | None:
    match said:
        case Planned():
            return _plan(tx, office, by, visit, task, said)
        case Attempted():
            return _attempt(tx, office, by, visit, task, said)
        case Ended():
            taken = take(
                tx, office.keyring, task.key, None, said, by, procedure=office.procedure
            )  # the visit ends with OutcomeReported
            return None if isinstance(taken, Taken) else taken
        case FollowedUp():
            return _follow_up(tx, office, by, visit, task, said)
        case HandedOver():
            return _hand_over(tx, office, visit, said)
        case Warned():
            note = said.safety
            visit.safety = note and office.keyring.seal(
                "task", visit.case_id, "safety", note, tx.random.randbytes
            )
            return None


def _plan(
    tx: Tx, office: Office, by: str, visit: Standing, task: tasks.Standing, said: Planned
) -> Problem | Refusal | None:
    slots = times(office.city.visits, tx.now, office.city.calendar)
    chosen = next((one for one in slots if one.begins == said.begins), None)
    if chosen is None:
        return problem("no-such-slot")
    who = visit.assistant or by
    if any(busy.task != task.key for busy in tx.all(_BUSY, who=who, begins=chosen.begins)):
        return problem("slot-taken")
    begins, ends = (at.astimezone(office.city.calendar.zone) for at in chosen)
    refused = _step(tx, office, by, task, "planned", f"{begins:%Y-%m-%d %H:%M}–{ends:%H:%M}")
    if refused is None:
        visit.assistant, visit.starts_at, visit.ends_at = who, chosen.begins, chosen.ends
    return refused


def _attempt(
    tx: Tx, office: Office, by: str, visit: Standing, task: tasks.Standing, said: Attempted
) -> Problem | Refusal | None:
    at = said.happened_at
    if at is not None and not tx.now - LATE <= at <= tx.now + SKEW:
        return problem("not-then")
    shown = "" if at is None else f"{at.astimezone(office.city.calendar.zone):%m-%d %H:%M}"
    refused = _step(tx, office, by, task, said.result, dated(said.note, at, shown))
    if refused is None:
        visit.assistant, visit.starts_at, visit.ends_at = visit.assistant or by, None, None
    return refused


def _step(
    tx: Tx, office: Office, by: str, task: tasks.Standing, entry: str, note: str | None
) -> Problem | Refusal | None:
    """Take the step that this entry is at the present stage; accept the task with it if nobody has."""
    stages, procedure = STAGES[entry], office.procedure
    stage = next((one for one in stages if one in procedure.possible(task.stage)), stages[0])
    try:
        follow(procedure.stages[stage], task.stage)
    except Refusal as refused:
        return refused
    if State(task.state) in WAITING:
        take(tx, office.keyring, task.key, None, Acceptance(officer=by), by)
    taken = take(tx, office.keyring, task.key, None, Progress(step=stage, note=note), by, procedure=procedure)
    return None if isinstance(taken, Taken) else taken


def _hand_over(tx: Tx, office: Office, visit: Standing, said: HandedOver) -> Problem | None:
    ours = office.city.visits.by_unit.get(visit.unit, ())
    if all(one.number != said.assistant for one in ours):
        return problem("unknown-assistant")
    if visit.starts_at is not None and any(
        busy.task != visit.task for busy in tx.all(_BUSY, who=said.assistant, begins=visit.starts_at)
    ):
        return problem("slot-taken")
    visit.assistant = said.assistant
    return None


def _follow_up(
    tx: Tx, office: Office, by: str, visit: Standing, task: tasks.Standing, said: FollowedUp
) -> Problem | None:
    """What the follow-up found is told in the case's timeline; one that reached nobody is due again."""
    if visit.follow_up_at is None or visit.followed_up_at is not None:
        return problem("no-follow-up")
    if said.result == "no_answer":
        visit.follow_up_at = morning_after(office.city.visits.again_after, tx.now, office.city.calendar)
        return None
    visit.followed_up_at, visit.follow_up = tx.now, said.result
    step = "needs_help_again" if said.result == "needs_help_again" else "followed_up"
    note = said.note and office.keyring.seal("task", task.case_id, "note", said.note, tx.random.randbytes)
    event = TaskProgressed(
        case_id=task.case_id, at=tx.now, by=by, unit=task.unit, task=task.key, step=step, note=note
    )
    remember(task, event)
    tx.put(event)
    return None
