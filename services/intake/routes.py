"""The API of cases: write down, look up, track. What agents do with a case is in action_routes.py."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.domain.kinds import Kind
from services.domain.life import Status
from services.intake import queries
from services.intake.assembly import case_out
from services.intake.author import Author
from services.intake.citizen import TrackedOut
from services.intake.creation import problem
from services.intake.desk import Desk
from services.intake.idempotency import claim_of
from services.intake.limiting import address_of
from services.intake.queries import PAGE, Filters
from services.intake.reading import described, read
from services.intake.schemas import CaseIn, ProgressIn, SearchIn, TrackingIn
from services.intake.tracking import track
from services.intake.views import CaseOut, CasesOut, CreatedOut, ProgressOut
from services.kernel.access import Principal, allow, public
from services.kernel.direct import DirectRoute
from services.kernel.language import language_of
from services.kernel.problem import Problem

PATH: Final = "/api/cases"
Creator = Annotated[Principal, Depends(allow("case.create"))]
Reader = Annotated[Principal, Depends(allow("case.read"))]


_CREATE_DOC: Final[dict[str, object]] = {
    "parameters": [
        {
            "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"},
            "description": "Required for machine clients: the same key and body give the same answer, once.",
        }
    ],
    **described(CaseIn),
}  # fmt: skip


class CaseApi:
    """Bound to one desk; `router` names every route."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(tags=["cases"])
        router.add_api_route(
            PATH, self.create, methods=["POST"], status_code=201, name="create_case",
            response_class=Response, responses={201: {"model": CreatedOut}}, openapi_extra=_CREATE_DOC,
            route_class_override=DirectRoute,
        )  # fmt: skip
        router.add_api_route(PATH, self.list, methods=["GET"], response_model=CasesOut, name="list_cases")
        router.add_api_route(PATH + "/search", self.search, methods=["POST"], name="search_cases")
        router.add_api_route(PATH + "/progress", self.progress, methods=["POST"], name="case_progress")
        router.add_api_route(PATH + "/{case_id}", self.show, methods=["GET"], name="show_case")
        router.add_api_route(
            "/api/tracking", self.track, methods=["POST"], dependencies=[Depends(public())], name="track_case"
        )
        return router

    async def create(self, request: Request, who: Creator) -> Response:
        """Write a case down. It is stored when the answer comes."""
        if who.kind == "machine" and "idempotency-key" not in request.headers:
            raise problem("idempotency-key-required")
        given = await read(request, CaseIn)
        claim = claim_of(request, who, PATH, given)
        created = await self.desk.create(given, Author.of(who), claim)
        headers = {"Location": f"{PATH}/{created.case_id}"}
        return Response(created.body, 201, headers, "application/json")

    async def list(
        self,
        who: Reader,
        status: Status | None = None,
        kind: Kind | None = None,
        unit: Annotated[str | None, Query(max_length=64)] = None,
        district: Annotated[str | None, Query(pattern="^[0-9]{6}$")] = None,
        mine: bool = False,
        cursor: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    ) -> CasesOut:
        """Cases, newest first, a page at a time."""
        filters = Filters(status, kind, unit, district, mine, cursor, limit)
        return await self.desk.store.read(queries.page(who, filters))

    async def search(self, given: SearchIn, who: Reader) -> CasesOut:
        """The newest cases with this number, telephone number or employer (never in an address)."""
        query = queries.search(who, given, self.desk.city, self.desk.keyring)
        if query is None:
            raise problem("search-empty")
        return await self.desk.store.read(query)

    async def progress(self, given: ProgressIn, who: Reader) -> ProgressOut:
        """How far up to 500 cases are; those that are not yours to see are left out."""
        return ProgressOut(cases=await self.desk.store.read(queries.progress(who, given.case_ids)))

    async def show(self, case_id: UUID, request: Request, who: Reader) -> CaseOut:
        """One case with its timeline, as far as the reader may see it."""
        found = await self.desk.find(who, case_id)
        if found is None:
            raise Problem.of("not-found")
        return case_out(*found, self.desk.sight(who), self.desk.city, reader_language(request))

    async def track(self, given: TrackingIn, request: Request) -> TrackedOut:
        """The citizen's view, for who has number and code."""
        desk, language = self.desk, reader_language(request)
        return await track(
            desk.store, desk.city, desk.keyring, desk.limits, given, address_of(request), language
        )


def reader_language(request: Request) -> Literal["zh", "en"]:
    return language_of(request.cookies, request.headers)
