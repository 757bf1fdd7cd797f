"""The API: what is held, a supervisor's decision, and why a case went where it went."""

from datetime import datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from services.domain.city import City
from services.domain.units import Unit
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.parts import Parts
from services.kernel.problem import Problem
from services.kernel.store import Looking, Store
from services.router import explanation, queue, rules
from services.router.decisions import decide_by_hand
from services.router.models import RouterCase, RouterDecision, refusal
from services.router.rules import Desk

MOST_WORDS: Final = 500


class DecisionIn(BaseModel):
    """`reason`: why, in the supervisor's words; it is kept sealed and becomes a note on the case."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    unit: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_WORDS)]


class HeldCase(BaseModel):
    """A case that waits. `facts`: field to code; `reason`: a code of HOLD_REASONS, `reason_text` its name."""

    case_id: UUID
    number: str
    kind: str
    urgent: bool
    reason: str
    reason_text: str
    facts: dict[str, str]
    held_at: datetime
    bounces: int
    tried: list[str]
    proposed_unit: str | None


class HeldPage(BaseModel):
    cases: list[HeldCase]
    next: str | None


class DecisionOut(BaseModel):
    """One decision. `unit` None: held, for `hold_reason`. `zh`, `en`: the explanation in sentences."""

    at: datetime
    unit: str | None
    unit_name: str | None
    district: str | None
    hold_reason: str | None
    rule: str | None
    version: str
    facts: dict[str, str]
    urgency: str | None
    bounces: int
    by: str | None
    text: str
    zh: str
    en: str


class Routing(BaseModel):
    """Where a case stands with the router, and every decision on it, oldest first."""

    case_id: UUID
    number: str
    state: str
    unit: str | None
    trouble: str | None
    bounces: int
    decisions: list[DecisionOut]


def router(parts: Parts, store: Store, desk: Desk) -> APIRouter:
    api = APIRouter(tags=["routing"])

    @api.get("/api/routing/held", dependencies=[Depends(allow("routing.read"))])
    async def held(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> HeldPage:
        """Cases that wait for a person: urgent first, then those that wait longest."""
        language = language_of(request.cookies, request.headers)
        page = await store.read(partial(queue.held, limit=limit, cursor=cursor))
        return HeldPage(cases=[_held(row, desk.city, language) for row in page.rows], next=page.next)

    @api.post("/api/routing/{case_id}/decide")
    async def decide(
        case_id: UUID,
        body: DecisionIn,
        request: Request,
        who: Annotated[Principal, Depends(allow("routing.decide"))],
    ) -> Routing:
        """Send a held case to a unit. 409 when it is no longer held: somebody was faster."""
        await send(parts, store, desk, case_id, body, who)
        return await _explained(store, case_id, desk, language_of(request.cookies, request.headers))

    @api.get("/api/cases/{case_id}/routing", dependencies=[Depends(allow("case.read.all"))])
    async def explain(case_id: UUID, request: Request) -> Routing:
        """Why the case is where it is: every decision with its rule, version and facts."""
        return await _explained(store, case_id, desk, language_of(request.cookies, request.headers))

    return api


async def send(
    parts: Parts, store: Store, desk: Desk, case_id: UUID, given: DecisionIn, who: Principal
) -> Unit:
    """Carry out a supervisor's decision. Refusal for a unit that cannot take it; Problem 404 or 409."""
    unit = open_unit(desk, given.unit)
    note = parts.keyring.seal("task", case_id, "note", given.reason, parts.around.random.randbytes)
    await store.run(lambda tx: decide_by_hand(desk, case_id, unit, who.by, note, tx))
    return unit


def open_unit(desk: Desk, unit_id: str) -> Unit:
    """The unit of this id. Refusal `unknown-unit` or `unit-closed`."""
    unit = desk.rules.roster.by_id.get(unit_id)
    if unit is None:
        raise refusal("unknown-unit", "unit")
    if not unit.is_open:
        raise refusal("unit-closed", "unit")
    return unit


async def _explained(store: Store, case_id: UUID, desk: Desk, language: str) -> Routing:
    row = await store.read(lambda session: session.get(RouterCase, case_id))
    if row is None:
        raise Problem.of("not-found")
    decisions = await store.read(partial(_decisions, case_id=case_id, desk=desk, language=language))
    return Routing(
        **row.model_dump(include={"case_id", "number", "state", "unit", "trouble", "bounces"}),
        decisions=decisions,
    )


def _decisions(session: Looking, case_id: UUID, desk: Desk, language: str) -> list[DecisionOut]:
    """Every decision in the words of the edition by which it was made."""
    return [
        _decision(one, desk.book.city_at(session, one.version), language)
        for one in queue.decisions_of(session, case_id)
    ]


def _decision(row: RouterDecision, city: City, language: str) -> DecisionOut:
    zh, en = explanation.sentence(row, city, "zh-CN"), explanation.sentence(row, city, "en")
    return DecisionOut(
        **row.model_dump(exclude={"id", "case_id", "note", "facts"}),
        facts=rules.used(row.facts),
        unit_name=city.unit_name(row.unit, language) if row.unit else None,
        text=en if language == "en" else zh,
        zh=zh,
        en=en,
    )


def _held(row: RouterCase, city: City, language: str) -> HeldCase:
    reason = row.hold_reason or ""
    return HeldCase(
        **row.model_dump(include={"case_id", "number", "kind", "urgent", "bounces", "proposed_unit"}),
        reason=reason,
        reason_text=city.texts.name("hold", reason, language),
        facts=rules.used(row.hold_facts),
        held_at=row.held_at or row.updated_at,
        tried=row.tried.split(),
    )
