"""A case on the agent's desk: its record, what happened, and what can be done with it now.

Every action is a form of its own, answered by the page again: after success by a redirect, after an error
with what was typed still in it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final, TypeVar
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic_core import to_json
from starlette.datastructures import FormData

from services.domain.city import City
from services.domain.kinds import Kind
from services.domain.life import WITH_UNIT, Action, Status, allowed_actions
from services.domain.refusals import Refusal
from services.domain.suggestion import Suggestion, suggest
from services.intake import actions
from services.intake.assembly import case_out
from services.intake.codes import tracking_code
from services.intake.correction import correct
from services.intake.desk import Desk
from services.intake.facts import Refusals
from services.intake.idempotency import claim_for
from services.intake.merging import MergeByNumberIn, merge_by_number
from services.intake.models import CaseRow
from services.intake.ownership import take
from services.intake.pages import Agent, problem_lines
from services.intake.reading import parse, refused
from services.intake.routes import reader_language
from services.intake.schemas import AnswerIn, CloseIn, CorrectionIn, In, NoteIn, ReopenIn, SplitIn, TakeIn
from services.intake.scribe import Scribe
from services.intake.splitting import split
from services.intake.triage import UNSURE
from services.intake.views import RecordOut
from services.intake.words import Words
from services.kernel.access import Principal, allow
from services.kernel.failures import from_refusal
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem
from services.kernel.store import Store

CASE: Final = "/desk/cases/{case_id}"
M = TypeVar("M", bound=In)
_WRITTEN: Final = ("text", "reason", "note", "kind", "into", "report_type", "recording_ref")


class CasePages:
    """Bound to one desk; `router` names every page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> PageRouter:
        router = PageRouter()
        router.add_api_route(CASE, self.show, methods=["GET"])
        for name, page in (
            ("note", self.note), ("answer", self.answer), ("close", self.close), ("reopen", self.reopen),
            ("split", self.split), ("merge", self.merge), ("take", self.take),
            ("correct", self.correct),
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

    async def split(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("case.split"))]
    ) -> Response:
        """A part for another unit, once for each form that was shown."""
        key = str((await request.form()).get("form_key", ""))

        async def act(store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: SplitIn) -> object:
            return await split(store, scribe, who, case_id, given, claim_for(who, key, "/desk/split", given))

        return await self._act(request, who, case_id, "split", SplitIn, act)

    async def merge(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("case.merge"))]
    ) -> Response:
        """`into` is typed as the number that people know."""
        return await self._act(request, who, case_id, "merge", MergeByNumberIn, merge_by_number)

    async def correct(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("case.correct"))]
    ) -> Response:
        """What it is about, in kind and words: above all where nobody has said it yet."""
        return await self._act(request, who, case_id, "correct", CorrectionIn, correct)

    async def take(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("case.take"))]
    ) -> Response:
        return await self._act(request, who, case_id, "take", TakeIn, take)

    async def _act(
        self,
        request: Request,
        who: Principal,
        case_id: UUID,
        name: str,
        model: type[M],
        act: Callable[[Store, Scribe, Principal, UUID, M], Awaitable[object]],
    ) -> Response:
        said = _said(await request.form())
        try:
            given = parse(to_json({key: said[key] for key in model.model_fields if key in said}), model)
            await act(self.desk.store, self.desk.scribe, who, case_id, given)
        except Refusal as refusal:
            return await self._page(request, who, case_id, from_refusal(refusal), name, said)
        except Refusals as several:
            return await self._page(request, who, case_id, refused(several), name, said)
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
        found = await self.desk.find(who, case_id)
        if found is None:
            raise Problem.of("not-found")
        language = reader_language(request)
        row = found[0]
        case = case_out(*found, self.desk.sight(who), self.desk.city, language)
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
            me=who.by,
            like=in_doubt(row, case.record, self.desk.city),
            form_key=str(self.desk.scribe.around.new_id()),
            code=tracking_code(row.number, self.desk.keyring),
            words=Words(self.desk.city, language),
            errors=problem_lines(problem, language),
            at=at,
            said=said or {},
            just_saved=request.query_params.get("saved", ""),
        )


def in_doubt(row: CaseRow, record: RecordOut | None, city: City) -> Suggestion | None:
    """What the text of a case may be about that nobody chose a kind for; None where a kind was found."""
    if row.kind != Kind.OTHER or UNSURE not in row.tags or record is None or not record.text:
        return None
    return suggest(record.text, city.words)


def _said(form: FormData) -> dict[str, object]:
    """What an action's form says, in the words of the API."""
    said: dict[str, object] = {name: str(form[name]).strip() for name in _WRITTEN if form.get(name)}
    said["named"] = form.get("named") == "true"
    said["instead"] = form.get("instead") == "true"
    said["told"] = form.get("told") == "true"
    said["articles"] = str(form.get("articles", "")).split()
    return said
