"""What the visits make of events, after the tasks themselves have heard them.

CaseRouted elsewhere, CaseClosed      → the case's open visits end
OutcomeReported, TaskObjected (our own) → the visit ends; after some outcomes the assistant asks again later
CaseErased                            → what was written about the home is blanked, nobody asks again

A visit opens with its task (`open_visit`), in the same transaction.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from services.domain.city import City
from services.domain.events import (
    CaseClosed,
    CaseErased,
    CaseRouted,
    Event,
    OutcomeReported,
    TaskObjected,
)
from services.domain.kinds import Kind
from services.domain.visits import SERVICE, choose
from services.employment_adapter.models import Visit
from services.employment_adapter.standing import VISITS, count_loads, loads_of
from services.kernel.messages import Message
from services.kernel.service import Handlers
from services.kernel.tasks.standing import tasks_of
from services.kernel.tx import Tx


def visited(kind: str, via: str) -> bool:
    """Whether such a task has a visit: a job seeker's, at a unit without a system of its own."""
    return kind == Kind.JOB_ASSISTANCE and via == "worklist"


def open_visit(event: CaseRouted, task: str, via: str, tx: Tx, *, city: City) -> None:
    """A job seeker's task is also a visit, given out by area and load."""
    if not visited(event.kind, via):
        return
    loads = loads_of(tx, event.unit)
    assistant = choose(city.visits.candidates(event.unit, event.street), loads)
    if assistant is not None:
        loads[assistant] = loads.get(assistant, 0) + 1
    tx.insert(
        Visit, task=task, case_id=event.case_id, unit=event.unit, street=event.street, assistant=assistant,
        opened_at=tx.now, bring="[]",
    )  # fmt: skip


def end_visits(event: CaseRouted | CaseClosed, tx: Tx) -> Iterable[Message]:
    """End the visits whose task is no longer wanted; a new one has just been opened and stays."""
    for task in tasks_of(tx, event.case_id):
        if isinstance(event, CaseRouted) and (task.unit, task.routed_at) == (event.unit, event.at):
            continue
        visit = VISITS.get(tx, task.key)
        if visit is not None:
            visit.closed_at = visit.closed_at or tx.now
    return ()


def end_visit(event: OutcomeReported | TaskObjected, tx: Tx, *, city: City) -> Iterable[Message]:
    if tx.source != tx.service:
        return ()
    visit = VISITS.get(tx, event.task)
    if visit is not None:
        visit.closed_at = tx.now
        if isinstance(event, OutcomeReported):
            visit.follow_up_at = city.visits.follow_up_at(event.outcome, tx.now, city.calendar)
    return ()


def erase_visits(event: CaseErased, tx: Tx) -> Iterable[Message]:
    for task in tasks_of(tx, event.case_id):
        visit = VISITS.get(tx, task.key)
        if visit is not None:
            visit.safety = visit.wish = visit.follow_up_at = None
    return ()


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Load the visits of a batch's cases, and count its units' visits; the cases' tasks are known by now."""
    heard = [event for event in events if isinstance(event, CaseRouted | CaseClosed | CaseErased)]
    VISITS.load(tx, {task.key for event in heard for task in tasks_of(tx, event.case_id)})
    count_loads(
        tx, {event.unit for event in heard if isinstance(event, CaseRouted) and event.service == SERVICE}
    )


def handlers(city: City) -> Handlers:
    """The registry of the visits in this city."""
    return {
        CaseRouted: end_visits,
        CaseClosed: end_visits,
        CaseErased: erase_visits,
        OutcomeReported: partial(end_visit, city=city),
        TaskObjected: partial(end_visit, city=city),
    }
