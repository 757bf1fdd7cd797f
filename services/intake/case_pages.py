"""A case on the agent's desk: its record, what happened, and what can be done with it now; and who waits for
a call.

Every action is a form of its own, answered by the page again: after success by a redirect, after an error
with what was typed still in it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final, TypeVar
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic_core import to_json
from starlette.datastructures import FormData

from services.domain.life import WITH_UNIT, Action, Status, allowed_actions
from services.intake import actions, callbacks, queries
from services.intake.assembly import case_out
from services.intake.codes import tracking_code
from services.intake.desk import Desk
from services.intake.pages import Agent, problem_lines
from services.intake.reading import parse
from services.intake.routes import reader_language
from services.intake.schemas import AnswerIn, CloseIn, In, NoteIn, ReopenIn
from services.intake.scribe import Scribe
from services.intake.sight import identity_of
from services.intake.views import StatusOut
from services.intake.words import Words
from services.kernel.access import Principal, allow
from services.kernel.pages import NavItem, PageRouter, render, see_other
from services.kernel.problem import Problem
from services.kernel.store import Store

CASE: Final = "/desk/cases/{case_id}"
M = TypeVar("M", bound=In)


class CasePages:
    """Bound to one desk; `router` names every page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> PageRouter:
        router = PageRouter(
            NavItem("/desk/callbacks", "举报回访", "callback.read", "举报人的结果只由受理台告知", "g j"),
        )
        router.add_api_route("/desk/callbacks", self.callbacks, methods=["GET"])
        router.add_api_route("/desk/callbacks/{case_id}", self.call_back, methods=["POST"])
        router.add_api_route(CASE, self.show, methods=["GET"])
        for name, page in (
            ("note", self.note), ("answer", self.answer), ("close", self.close), ("reopen", self.reopen),
        ):  # fmt: skip
            router.add_api_route(f"{CASE}/{name}", page, methods=["POST"])
        return router

    async def show(self, case_id: UUID, request: Request, who: Agent) -> Response:
        return await self._page(request, who, case_id)

    async def note(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("case.note"))]
    ) -> Response:
        return await self._act(request, who, case_id, "note", NoteIn, actions.note)

    async def answer(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("case.answer"))]
    ) -> Response:
        return await self._act(request, who, case_id, "answer", AnswerIn, actions.answer)

    async def close(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("case.close"))]
    ) -> Response:
        return await self._act(request, who, case_id, "close", CloseIn, actions.close)

    async def reopen(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("case.reopen"))]
    ) -> Response:
        return await self._act(request, who, case_id, "reopen", ReopenIn, actions.reopen)

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

    async def _act(
        self,
        request: Request,
        who: Principal,
        case_id: UUID,
        name: str,
        model: type[M],
        act: Callable[[Store, Scribe, Principal, UUID, M], Awaitable[StatusOut]],
    ) -> Response:
        said = _said(await request.form())
        try:
            given = parse(to_json({key: said[key] for key in model.model_fields if key in said}), model)
            await act(self.desk.store, self.desk.scribe, who, case_id, given)
        except Problem as problem:
            return await self._page(request, who, case_id, problem, name, said)
        return see_other(f"/desk/cases/{case_id}")

    async def _page(
        self,
        request: Request,
        who: Principal,
        case_id: UUID,
        problem: Problem | None = None,
        at: str = "",
        said: Mapping[str, object] | None = None,
    ) -> Response:
        """The case; `at`: the form that `problem` is about, with what was `said` in it."""
        found = await self.desk.store.read(queries.find(who, case_id))
        if found is None:
            raise Problem.of("not-found")
        language = reader_language(request)
        row, lines = found
        case = case_out(row, lines, self.desk.sight(who), self.desk.city, language)
        stands = Status(row.status)
        may = {action.value for action in allowed_actions(stands)}
        if stands in WITH_UNIT:
            may.discard(Action.CLOSE)
        return render(
            request,
            "intake_case.html",
            problem.status if problem else 200,
            case=case,
            may=may,
            code=tracking_code(row.number, self.desk.keyring),
            words=Words(self.desk.city, language),
            errors=problem_lines(problem, language),
            at=at,
            said=said or {},
            just_saved=request.query_params.get("saved", ""),
        )

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


def _said(form: FormData) -> dict[str, object]:
    """What an action's form says, in the words of the API."""
    said: dict[str, object] = {
        name: str(form[name]).strip() for name in ("text", "reason", "note") if form.get(name)
    }
    said["told"] = form.get("told") == "true"
    said["articles"] = str(form.get("articles", "")).split()
    return said
