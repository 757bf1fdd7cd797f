"""While the caller is talking: the check of a half-filled form, for programs and beside the desk's form."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from services.intake.check import check
from services.intake.desk import Desk
from services.intake.findings import CheckOut
from services.intake.forms import check_in, typed
from services.intake.halfway import CheckIn
from services.intake.reading import described, read
from services.intake.routes import reader_language
from services.intake.words import Words
from services.kernel.access import Principal, allow
from services.kernel.pages import PageRouter, render

PATH: Final = "/api/intake/check"
Creator = Annotated[Principal, Depends(allow("case.create"))]


class Hints:
    """Bound to one desk; `router` names the API, `pages` the page's part."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(tags=["cases"])
        router.add_api_route(
            PATH, self.check, methods=["POST"], name="check_case", openapi_extra=described(CheckIn)
        )
        return router

    def pages(self) -> PageRouter:
        router = PageRouter()
        router.add_api_route("/desk/check", self.beside, methods=["POST"])
        return router

    async def check(self, request: Request, who: Creator) -> CheckOut:
        """All that can be said of a half-filled form: places, identifiers, kind, seen before, cluster.

        Nothing is stored, and nothing is refused: what is wrong with a field stands in `problems`.
        """
        return await check(self.desk, await read(request, CheckIn), who, reader_language(request))

    async def beside(self, request: Request, who: Creator) -> Response:
        """The same for the desk's form, as the part of the page that stands beside it."""
        given = check_in(typed(await request.form()))
        language = reader_language(request)
        seen = await check(self.desk, given, who, language)
        return render(request, "intake_hints.html", seen=seen, words=Words(self.desk.city, language))
