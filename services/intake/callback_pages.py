"""Reporters whose result only intake may tell them (举报回访): who waits for a call, and what came of it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.intake import actions, callbacks
from services.intake.desk import Desk
from services.intake.pages import problem_lines
from services.intake.routes import reader_language
from services.intake.sight import identity_of
from services.intake.words import Words
from services.kernel.access import Principal, allow
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem


class CallbackPages:
    """Bound to one desk; `router` names every page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> PageRouter:
        router = PageRouter()
        router.add_api_route("/desk/callbacks", self.callbacks, methods=["GET"])
        router.add_api_route("/desk/callbacks/{case_id}", self.call_back, methods=["POST"])
        return router

    async def callbacks(
        self, request: Request, who: Annotated[Principal, Depends(allow("callback.read"))]
    ) -> Response:
        """Reporters whose result only intake may tell them; whoever may ring them sees how."""
        return await self._callbacks(request, who)

    async def call_back(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("callback.write"))]
    ) -> Response:
        reached = (await request.form()).get("reached") == "true"
        try:
            await actions.call_back(self.desk.store, who, case_id, reached)
        except Problem as problem:
            return await self._callbacks(request, who, problem)
        return see_other("/desk/callbacks")

    async def _callbacks(self, request: Request, who: Principal, problem: Problem | None = None) -> Response:
        now, keyring = self.desk.scribe.around.now(), self.desk.keyring
        due = await self.desk.store.read(lambda session: callbacks.due(session, now))
        rings = who.may("callback.write")
        rows = [(row, case, identity_of(case, keyring) if rings else None) for row, case in due]
        language = reader_language(request)
        return render(
            request,
            "intake_callbacks.html",
            problem.status if problem else 200,
            rows=rows,
            now=now,
            words=Words(self.desk.city, language),
            errors=problem_lines(problem, language),
        )
