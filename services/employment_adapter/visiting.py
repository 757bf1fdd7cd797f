"""An entry of an assistant, taken in one transaction: the visit, its task, and what everybody hears of it.

A visit that is agreed on or made is a step of the task (procedure.toml); the first one also accepts it. A
refusal is returned, not raised: it must not take the other units of its group with it.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.domain.events import TaskProgressed
from services.domain.refusals import Refusal
from services.domain.visits import morning_after
from services.employment_adapter.entries import (
    Attempted,
    Brought,
    Ended,
    FollowedUp,
    HandedOver,
    Planned,
    Said,
    Warned,
    Wished,
    dated,
)
from services.employment_adapter.models import problem
from services.employment_adapter.occupations import named_in
from services.employment_adapter.planning import hand_over, plan
from services.employment_adapter.standing import VISITS, Standing
from services.employment_adapter.steps import Office, sealed, step
from services.employment_adapter.wishes import Wish
from services.kernel.problem import Problem
from services.kernel.tasks import standing as tasks
from services.kernel.tasks.actions import Progress
from services.kernel.tasks.life import State
from services.kernel.tasks.standing import MESSAGES, TASKS, Message
from services.kernel.tasks.steps import Taken, message_key, remember, take
from services.kernel.tasks.worklist import Scope
from services.kernel.tx import Tx

LATE: Final = timedelta(days=7)  # how long a phone may have kept an entry
SKEW: Final = timedelta(minutes=5)


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
    named = f"visit:{task.key}:{type(said).__name__}:{entered.once}"
    mark = None if entered.once is None else message_key(task.unit, named)
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
            return plan(tx, office, by, visit, task, said)
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
            return hand_over(tx, office, visit, said)
        case Brought():
            visit.bring = json.dumps(said.vacancies)
            return None
        case Wished():
            named = named_in(said.occupations)
            if said.occupations and not named:
                return problem("unknown-occupation")
            wish = Wish(**{**said.model_dump(), "occupations": named})
            visit.wish = sealed(tx, office, visit, "wish", wish.model_dump_json())
            return None
        case Warned():
            visit.safety = said.safety and sealed(tx, office, visit, "safety", said.safety)
            return None


def _attempt(
    tx: Tx, office: Office, by: str, visit: Standing, task: tasks.Standing, said: Attempted
) -> Problem | Refusal | None:
    at = said.happened_at
    if at is not None and not tx.now - LATE <= at <= tx.now + SKEW:
        return problem("not-then")
    shown = "" if at is None else f"{at.astimezone(office.city.calendar.zone):%m-%d %H:%M}"
    refused = step(tx, office, by, task, said.result, dated(said.note, at, shown))
    if refused is None:
        if said.result == "met" and (brought := json.loads(visit.bring)):
            sent = Progress(step="vacancies_sent", note=" ".join(brought))
            take(tx, office.keyring, task.key, None, sent, by, procedure=office.procedure)
        visit.assistant, visit.starts_at, visit.ends_at = visit.assistant or by, None, None
    return refused


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
