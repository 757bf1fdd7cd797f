"""The API of the visits: /api/visits, the same work as on the pages."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel

from services.employment_adapter.cards import Card
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
)
from services.employment_adapter.vacancies import Match
from services.employment_adapter.visits import Visits
from services.employment_adapter.wishes import Wish
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.tasks.routes import StepTaken

Reader = Annotated[Principal, Depends(allow("task.read"))]
Writer = Annotated[Principal, Depends(allow("task.write"))]
Once = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=100)]


class VisitOut(BaseModel):
    """A visit. `who` is masked; `assistant` null: nobody yet. `results`: what an attempt may come to now.

    `late`: its time is over and nothing was entered. `follow_up_at`: when the assistant asks again.
    """

    task: str
    case: str
    unit: str
    assistant: str | None
    who: str
    street: str
    starts_at: datetime | None
    ends_at: datetime | None
    stage: str | None
    results: list[str]
    safety: str | None
    late: bool
    closed_at: datetime | None
    outcome: str | None
    follow_up_at: datetime | None
    followed_up_at: datetime | None
    follow_up: str | None


class RoundsOut(BaseModel):
    """In the order in which they are to be seen to."""

    late: list[VisitOut]
    today: list[VisitOut]
    follow_up: list[VisitOut]
    unplanned: list[VisitOut]
    later: list[VisitOut]


class TimeOut(BaseModel):
    begins: datetime
    ends: datetime


class VacancyOut(BaseModel):
    """A vacancy that suits. Pay in yuan a month; `why`: in the reader's language."""

    id: str
    title: str
    employer: str
    address: str
    pay_min: int
    pay_max: int
    until: date
    distance: Literal["street", "district", "city"]
    why: list[str]


class VisitDetail(VisitOut):
    """`free`: when a visit can be agreed on. `wish`: what the seeker looks for, `vacancies` that suit it,
    nearest first; `bring`: ids of those to bring along.
    """

    free: list[TimeOut]
    wish: Wish
    vacancies: list[VacancyOut]
    bring: list[str]


class VisitApi:
    """The employment desk's; `router` once per process."""

    def __init__(self, visits: Visits) -> None:
        self.visits = visits

    def router(self) -> APIRouter:
        api = APIRouter(prefix="/api/visits", tags=["visits"])
        api.add_api_route("", self.list, methods=["GET"], summary="An assistant's rounds")
        api.add_api_route(
            "/{task}", self.show, methods=["GET"], summary="One visit, with the times still free"
        )
        for path, take, said in (
            ("plan", self.plan, "Agree on a visit"),
            ("attempt", self.attempt, "Enter what a visit, call or letter came to"),
            ("safety", self.safety, "Note what whoever goes there must know"),
            ("wish", self.wish, "Put right what the seeker looks for"),
            ("bring", self.bring, "Choose the vacancies to bring along"),
            ("assistant", self.assistant, "Hand the visit to another assistant"),
            ("outcome", self.outcome, "Report the outcome"),
            ("follow-up", self.follow_up, "Enter what the follow-up found"),
        ):
            api.add_api_route(f"/{{task}}/{path}", take, methods=["POST"], summary=said)
        return api

    async def list(
        self, request: Request, who: Reader, whose: Annotated[Literal["mine", "all"], Query()] = "mine"
    ) -> RoundsOut:
        language = language_of(request.cookies, request.headers)
        groups = await self.visits.groups(who, whose == "all", language)
        return RoundsOut(
            **{name: [shown(card) for card in getattr(groups, name)] for name in RoundsOut.model_fields}
        )

    async def show(self, task: str, request: Request, who: Reader) -> VisitDetail:
        language = language_of(request.cookies, request.headers)
        card = await self.visits.card(task, who, language)
        free = [TimeOut(begins=one.begins, ends=one.ends) for one in await self.visits.free(card, who)]
        suiting = [offered(one, language) for one in await self.visits.matches(card)]
        return VisitDetail(
            **shown(card).model_dump(), free=free, wish=self.visits.cards.wish(card), vacancies=suiting,
            bring=card.bring,
        )  # fmt: skip

    async def plan(self, task: str, said: Planned, who: Writer, once: Once = None) -> StepTaken:
        return await self._enter(task, said, who, once)

    async def attempt(self, task: str, said: Attempted, who: Writer, once: Once = None) -> StepTaken:
        return await self._enter(task, said, who, once)

    async def safety(self, task: str, said: Warned, who: Writer, once: Once = None) -> StepTaken:
        return await self._enter(task, said, who, once)

    async def wish(self, task: str, said: Wished, who: Writer, once: Once = None) -> StepTaken:
        return await self._enter(task, said, who, once)

    async def bring(self, task: str, said: Brought, who: Writer, once: Once = None) -> StepTaken:
        return await self._enter(task, said, who, once)

    async def assistant(self, task: str, said: HandedOver, who: Writer, once: Once = None) -> StepTaken:
        return await self._enter(task, said, who, once)

    async def outcome(self, task: str, said: Ended, who: Writer, once: Once = None) -> StepTaken:
        return await self._enter(task, said, who, once)

    async def follow_up(self, task: str, said: FollowedUp, who: Writer, once: Once = None) -> StepTaken:
        return await self._enter(task, said, who, once)

    async def _enter(self, task: str, said: Said, who: Principal, once: str | None) -> StepTaken:
        taken = await self.visits.enter(task, said, who, once)
        return StepTaken(task=task, state=taken.state, again=taken.again)


def shown(card: Card) -> VisitOut:
    visit = card.visit
    return VisitOut(
        task=visit.task, case=card.task.number, unit=visit.unit, assistant=visit.assistant, who=card.who,
        street=card.street, starts_at=visit.starts_at, ends_at=visit.ends_at, stage=card.task.stage,
        results=[result for result, _ in card.next], safety=card.safety, late=card.late,
        closed_at=visit.closed_at, outcome=card.task.outcome, follow_up_at=visit.follow_up_at,
        followed_up_at=visit.followed_up_at, follow_up=visit.follow_up,
    )  # fmt: skip


def offered(match: Match, language: str) -> VacancyOut:
    row = match.vacancy
    return VacancyOut(
        id=row.id, title=row.title, employer=row.employer, address=row.address, pay_min=row.pay_min,
        pay_max=row.pay_max, until=row.until, distance=match.distance,
        why=[reason.in_language(language) for reason in match.why],
    )  # fmt: skip
