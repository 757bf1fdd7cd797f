"""The API of the clocks: the table of a case, the lists of the board, and what people do to a clock."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.tx import Tx
from services.router import clock_views, objections, recount
from services.router.clock_changes import Change
from services.router.clock_desk import ClockDesk
from services.router.clock_schemas import CaseClocks, ClockOut, ListedOut

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class PauseIn(In):
    """`reason`: one of the clock's `may.pause`."""

    reason: Code


class ExtendIn(In):
    """`amount` in the clock's unit, all that is left when absent; `note`: in the approver's own words."""

    amount: Annotated[int, Field(gt=0, le=366)] | None = None
    reason: Code
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class ClockList(BaseModel):
    clocks: list[ListedOut]
    next: str | None


class BouncesOut(BaseModel):
    """`again`: objections to cases that another unit had sent back before."""

    unit: str
    unit_name: str
    objections: int
    again: int


class RecountOut(BaseModel):
    """How far the clocks follow the work calendar; `ended_at` None: it is under way."""

    calendar: str
    seen: int
    total: int
    moved: int
    began_at: datetime
    ended_at: datetime | None


def router(desk: ClockDesk) -> APIRouter:
    api = APIRouter(tags=["clocks"])

    @api.get("/api/cases/{case_id}/clocks")
    async def table(
        case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("clock.read"))]
    ) -> CaseClocks:
        """Every clock that the case has or had, with the article it comes from and what may be done to it."""
        return await desk.table(case_id, who, language_of(request.cookies, request.headers))

    @api.get("/api/clocks/{which}", dependencies=[Depends(allow("board.read"))])
    async def board(
        which: Literal["overdue", "approaching"],
        request: Request,
        unit: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> ClockList:
        """Clocks that have run out and are still open, or that were reminded of; the earliest end first."""
        language = language_of(request.cookies, request.headers)
        rows, after = await desk.store.read(
            partial(clock_views.listed, which=which, limit=limit, cursor=cursor, unit=unit)
        )
        return ClockList(clocks=[desk.line(row, language) for row in rows], next=after)

    api.include_router(_counts(desk))
    api.include_router(_changes(desk))
    return api


def _counts(desk: ClockDesk) -> APIRouter:
    api = APIRouter()

    @api.get("/api/routing/bounces", dependencies=[Depends(allow("board.read"))])
    async def bounces(request: Request, days: Annotated[int, Query(ge=1, le=366)] = 30) -> list[BouncesOut]:
        """How often each unit sent cases back in so many days."""
        language = language_of(request.cookies, request.headers)
        since = desk.store.now() - timedelta(days=days)
        found = await desk.store.read(partial(objections.by_unit, since=since))
        name = desk.city.unit_name
        return [BouncesOut(unit_name=name(one.unit, language), **one._asdict()) for one in found]

    @api.get("/api/clocks", dependencies=[Depends(allow("board.read"))])
    async def progress() -> RecountOut | None:
        """How far the last recount is, after the work calendar changed."""
        row = await desk.store.read(recount.progress)
        return None if row is None else RecountOut(**row.model_dump(exclude={"id", "last"}))

    return api


def _changes(desk: ClockDesk) -> APIRouter:
    api = APIRouter()
    path = "/api/cases/{case_id}/clocks/{clock_id}"

    @api.post(path + "/pause")
    async def pause(
        case_id: UUID, clock_id: UUID, body: PauseIn, request: Request,
        who: Annotated[Principal, Depends(allow("clock.pause"))],
    ) -> ClockOut:  # fmt: skip
        """It stands still, for a reason that an article allows. 409, 422 with a `clock-*` type otherwise."""
        return await changed(case_id, clock_id, request, who, lambda one, tx: one.pause(tx, body.reason))

    @api.post(path + "/resume")
    async def resume(
        case_id: UUID, clock_id: UUID, request: Request,
        who: Annotated[Principal, Depends(allow("clock.pause"))],
    ) -> ClockOut:  # fmt: skip
        """It goes on, and ends later by what it stood still."""
        return await changed(case_id, clock_id, request, who, lambda one, tx: one.resume(tx))

    @api.post(path + "/extend")
    async def extend(
        case_id: UUID, clock_id: UUID, body: ExtendIn, request: Request,
        who: Annotated[Principal, Depends(allow("clock.extend"))],
    ) -> ClockOut:  # fmt: skip
        """More time, by approval; the caller is told where the article says so."""
        note = desk.sealed(case_id, body.note)
        return await changed(
            case_id, clock_id, request, who,
            lambda one, tx: one.extend(tx, body.amount, desk.extension_reason(body.reason), note),
        )  # fmt: skip

    async def changed(
        case_id: UUID, clock_id: UUID, request: Request, who: Principal, work: Callable[[Change, Tx], None]
    ) -> ClockOut:
        await desk.change(case_id, clock_id, who, work)
        table = await desk.table(case_id, who, language_of(request.cookies, request.headers))
        return next(one for one in table.clocks if one.id == clock_id)

    return api
