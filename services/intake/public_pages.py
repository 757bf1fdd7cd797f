"""Citizens: submit a case, and follow it with number and code. No account, no script needed.

Number and code are shown in the answer to the form itself: they may stand in no address, and sending the form
again gives the same page, not a second case.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import Depends, Request, Response
from pydantic_core import to_json

from services.domain.kinds import Channel
from services.domain.refusals import Refusal
from services.intake.author import Author
from services.intake.desk import Desk
from services.intake.forms import KEY, case_in, typed
from services.intake.idempotency import Claim, checked_key, fingerprint
from services.intake.limiting import REPORTS, REPORTS_OF_PHONE, address_of
from services.intake.pages import problem_lines, sent_before
from services.intake.reading import parse
from services.intake.routes import reader_language
from services.intake.schemas import TrackingIn
from services.intake.tracking import track
from services.intake.words import Words
from services.kernel.access import public, visitor
from services.kernel.csrf import csrf_checked
from services.kernel.failures import from_refusal
from services.kernel.language import TAGS
from services.kernel.pages import PageRouter, render
from services.kernel.problem import Problem

_PUBLIC: Final = [Depends(public())]
_POSTED: Final = [Depends(public()), Depends(csrf_checked)]


class PublicPages:
    """Bound to one desk; `router` names every page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> PageRouter:
        router = PageRouter()
        router.add_api_route("/report", self.new, methods=["GET"], dependencies=_PUBLIC)
        router.add_api_route("/report", self.submit, methods=["POST"], dependencies=_POSTED)
        router.add_api_route("/track", self.ask, methods=["GET"], dependencies=_PUBLIC)
        router.add_api_route("/track", self.show, methods=["POST"], dependencies=_POSTED)
        return router

    async def new(self, request: Request) -> Response:
        values = typed(await request.form()) | {KEY: str(self.desk.scribe.around.new_id())}
        return await self._form(request, values)

    async def submit(self, request: Request) -> Response:
        """The number and code of the new case; on any error the form again, with what was typed."""
        values = typed(await request.form())
        language = reader_language(request)
        author = Author("citizen", language=TAGS[language])
        try:
            given = case_in(values, Channel.WEB)
            claim = Claim("public", checked_key(values[KEY]), fingerprint("POST", "/report", given))
            if self.desk.memory.find(claim, self.desk.scribe.around.now()) is None:
                self._limit(request, values["phone"])
            created = await self.desk.create(given, author, claim)
        except Refusal as refusal:
            return await self._form(request, values, from_refusal(refusal))
        except Problem as problem:
            shown = sent_before(problem, values, str(self.desk.scribe.around.new_id()))
            return await self._form(request, values, shown)
        await visitor(request)
        return render(request, "intake_submitted.html", number=created.number, code=created.code)

    async def ask(self, request: Request) -> Response:
        await visitor(request)
        return render(request, "intake_track.html", values={}, errors=[], case=None)

    async def show(self, request: Request) -> Response:
        """The citizen's view, or one sentence for whatever does not match."""
        form = await request.form()
        values = {name: str(form.get(name, "")).strip()[:60] for name in ("number", "code")}
        language, desk = reader_language(request), self.desk
        await visitor(request)
        try:
            given = parse(to_json(values), TrackingIn)
            address = address_of(request)
            case = await track(desk.store, desk.city, desk.keyring, desk.limits, given, address, language)
        except (Problem, Refusal) as error:
            problem = from_refusal(error) if isinstance(error, Refusal) else error
            errors = problem_lines(problem, language)
            return render(
                request, "intake_track.html", problem.status, values=values, errors=errors, case=None
            )
        return render(request, "intake_track.html", values=values, errors=[], case=case)

    def _limit(self, request: Request, phone: str) -> None:
        """Every submission may send a text message, so the public's are counted by address and by number."""
        self.desk.limits.take(REPORTS, "report", address_of(request))
        if phone:
            digits = "".join(sign for sign in phone if sign.isdecimal())[-11:]
            self.desk.limits.take(REPORTS_OF_PHONE, "phone", self.desk.keyring.blind_index(digits))

    async def _form(
        self, request: Request, values: Mapping[str, str], problem: Problem | None = None
    ) -> Response:
        await visitor(request)
        language = reader_language(request)
        return render(
            request,
            "intake_report.html",
            problem.status if problem else 200,
            values=values,
            errors=problem_lines(problem, language),
            words=Words(self.desk.city, language),
        )
