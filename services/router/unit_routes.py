"""The API of the units directory (承办单位目录): read, change, close, suspend; and who has what in hand."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from services.domain.units import Unit
from services.kernel.access import allow
from services.kernel.language import language_of
from services.kernel.roles import Principal
from services.router import office as offices
from services.router import workloads
from services.router.edition_routes import READER, IfMatch, Who, tag_of
from services.router.models import refusal
from services.router.office import Office
from services.router.unit_views import (
    CloseIn,
    ClosureOut,
    ClosureReport,
    Directory,
    ResumeIn,
    UnitIn,
    UnitOut,
    WorkloadOut,
)

SILENT_AFTER: Final = 24  # hours
Hours = Annotated[int, Query(ge=1, le=720)]


def router(office: Office) -> APIRouter:
    api = APIRouter(tags=["units"], prefix="/api/routing")
    _reading(api, office)
    _changing(api, office)
    return api


def _reading(api: APIRouter, office: Office) -> None:
    @api.get("/units", dependencies=READER)
    async def directory(request: Request, response: Response) -> Directory:
        """All units of the newest edition, closed ones too."""
        return await shown(office, request, response)

    @api.get("/workloads", dependencies=[Depends(allow("board.read"))])
    async def loads(request: Request, silent_after: Hours = SILENT_AFTER) -> list[WorkloadOut]:
        """Open cases by unit. `silent_after`: hours without a sign of life until a unit counts as silent."""
        language, city = language_of(request.cookies, request.headers), office.desk.city
        now = office.store.now()
        since = now - timedelta(hours=silent_after)
        found = await office.store.read(
            partial(workloads.of_units, roster=city.roster, silent_since=since, now=now)
        )
        return [
            WorkloadOut(
                unit_name=city.unit_name(one.unit, language),
                **{name: getattr(one, name) for name in WorkloadOut.model_fields if name != "unit_name"},
            )
            for one in found
        ]

    @api.get("/closures", dependencies=READER)
    async def closures(request: Request) -> ClosureReport:
        """Units that were closed or suspended, where their cases went, and that none is orphaned."""
        language, city = language_of(request.cookies, request.headers), office.desk.city
        found = await office.store.read(partial(workloads.handovers, roster=city.roster))
        lines = [
            ClosureOut(
                **one.model_dump(exclude={"id"}),
                unit_name=city.unit_name(one.unit, language),
                left=0 if one.ended_at else found.left.get(one.unit, 0),
            )
            for one in found.closures
        ]
        return ClosureReport(orphaned=found.orphaned, closures=lines)


def _changing(api: APIRouter, office: Office) -> None:
    @api.put("/units/{unit_id}")
    async def put(
        unit_id: str, body: UnitIn, who: Who, request: Request, response: Response, if_match: IfMatch = None
    ) -> Directory:
        """Change a unit, or add one; in force at once, as an edition of its own."""
        if body.unit.id != unit_id:
            raise refusal("unknown-unit", "unit.id")
        await changed(office, unit_id, lambda _: body.unit, body.note, who, if_match)
        return await shown(office, request, response)

    @api.post("/units/{unit_id}/close")
    async def close(
        unit_id: str, body: CloseIn, who: Who, request: Request, response: Response, if_match: IfMatch = None
    ) -> Directory:
        """Close a unit for good: its open cases go to the successor, or to a person."""
        change = partial(offices.closing, successor=body.successor)
        await changed(office, unit_id, change, body.note, who, if_match)
        return await shown(office, request, response)

    @api.post("/units/{unit_id}/suspend")
    async def suspend(
        unit_id: str, body: CloseIn, who: Who, request: Request, response: Response, if_match: IfMatch = None
    ) -> Directory:
        """Let a unit take no cases for a while: its open ones go to the successor, or to a person."""
        change = partial(offices.suspending, successor=body.successor)
        await changed(office, unit_id, change, body.note, who, if_match)
        return await shown(office, request, response)

    @api.post("/units/{unit_id}/resume")
    async def resume(
        unit_id: str, body: ResumeIn, who: Who, request: Request, response: Response, if_match: IfMatch = None
    ) -> Directory:
        """Open a unit again; cases that were taken from it stay where they are."""
        await changed(office, unit_id, offices.resuming, body.note, who, if_match)
        return await shown(office, request, response)


async def changed(
    office: Office, unit_id: str, change: Callable[[Unit | None], Unit], note: str, who: Principal,
    if_match: str | None,
) -> None:  # fmt: skip
    """Change the unit, unless somebody was faster (409)."""
    tag = tag_of(if_match)
    base = int(tag) if tag.isdecimal() and len(tag) < 10 else 0
    await office.change_unit(unit_id, base, change, note, who)


async def shown(office: Office, request: Request, response: Response) -> Directory:
    language = language_of(request.cookies, request.headers)
    newest = await office.newest()
    response.headers["ETag"] = f'"{newest.number}"'
    book = await office.check(newest.texts)
    partners = office.parts.partners
    return Directory(
        edition=newest.number,
        units=[
            UnitOut(
                id=one.id, type=one.type, title=one.title(language), is_open=one.is_open, unit=one,
                via="http" if partners.of(one.id).endpoint else "worklist",
            )
            for one in book.units
        ],
    )  # fmt: skip
