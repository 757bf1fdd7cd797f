"""When a visit is made, and by whom: an assistant has one visit in a slot."""

from typing import Final

from sqlalchemy import bindparam, select, text

from services.domain.refusals import Refusal
from services.domain.visits import times
from services.employment_adapter.entries import HandedOver, Planned
from services.employment_adapter.models import OPEN, Visit, problem
from services.employment_adapter.standing import Standing
from services.employment_adapter.steps import Office, step
from services.kernel.columns import table
from services.kernel.problem import Problem
from services.kernel.sql import Sql
from services.kernel.tasks import standing as tasks
from services.kernel.tx import Tx

_VISIT: Final = table(Visit)
_BUSY: Final = Sql(
    select(_VISIT.c.task).where(
        text(OPEN), _VISIT.c.assistant == bindparam("who"), _VISIT.c.starts_at == bindparam("begins")
    )
)


def plan(
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
    refused = step(tx, office, by, task, "planned", f"{begins:%Y-%m-%d %H:%M}–{ends:%H:%M}")
    if refused is None:
        visit.assistant, visit.starts_at, visit.ends_at = who, chosen.begins, chosen.ends
    return refused


def hand_over(tx: Tx, office: Office, visit: Standing, said: HandedOver) -> Problem | None:
    ours = office.city.visits.by_unit.get(visit.unit, ())
    if all(one.number != said.assistant for one in ours):
        return problem("unknown-assistant")
    if visit.starts_at is not None and any(
        busy.task != visit.task for busy in tx.all(_BUSY, who=said.assistant, begins=visit.starts_at)
    ):
        return problem("slot-taken")
    visit.assistant = said.assistant
    return None
