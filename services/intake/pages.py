"""The agent's desk: write a case down, find one, see what is mine and who waits for a call."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.domain.kinds import Kind
from services.domain.life import Status
from services.domain.refusals import Refusal
from services.intake import callbacks, queries
from services.intake.author import Author
from services.intake.calls import attach
from services.intake.check import check
from services.intake.creation import problem as said
from services.intake.desk import Desk
from services.intake.findings import CheckOut
from services.intake.forms import KEY, call_in, case_in, check_in, errors_of, typed
from services.intake.idempotency import claim_for
from services.intake.queries import Filters
from services.intake.routes import reader_language
from services.intake.schemas import SearchIn
from services.intake.views import CasesOut
from services.intake.words import Words
from services.kernel.access import Principal, allow
from services.kernel.failures import from_refusal
from services.kernel.language import Language
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem

DRAFT: Final = "new-case"
Agent = Annotated[Principal, Depends(allow("case.read.all"))]
Writer = Annotated[Principal, Depends(allow("case.create"))]
_MINE: Final = 12


class DeskPages:
    """Bound to one desk; `router` names every page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> PageRouter:
        router = PageRouter()
        router.add_api_route("/desk", self.new, methods=["GET"])
        router.add_api_route("/desk", self.save, methods=["POST"])
        router.add_api_route("/desk/cases/{case_id}/calls", self.attach, methods=["POST"])
        router.add_api_route("/desk/search", self.search, methods=["POST"])
        router.add_api_route("/desk/cases", self.list, methods=["GET"])
        return router

    async def new(self, request: Request, who: Agent, call: UUID | None = None) -> Response:
        """An empty form, and what is mine. `call`: a case of the same call, whose caller it is too."""
        values = typed(await request.form()) | {KEY: str(self.desk.scribe.around.new_id())}
        found = await self.desk.find(who, call) if call else None
        if found is not None:
            caller = self.desk.sight(who).caller(found[0]) or {}
            known = {name: str(caller.get(name) or "") for name in ("name", "phone")}
            values |= known | {"linked_to": str(call), "channel": found[0].channel}
        return await self._form(request, who, values)

    async def save(self, request: Request, who: Writer) -> Response:
        """Save and pass on, or (do=preview) only show what will become of it. What was typed stays."""
        form = await request.form()
        values = typed(form)
        try:
            if form.get("do") == "preview":
                seen = await check(self.desk, check_in(values), who, reader_language(request))
                return await self._form(request, who, values, seen=seen)
            given = case_in(values)
            created = await self.desk.create(
                given, Author.of(who), claim_for(who, values[KEY], "/desk", given)
            )
        except Refusal as refusal:
            return await self._form(request, who, values, problem=from_refusal(refusal))
        except Problem as problem:
            shown = sent_before(problem, values, str(self.desk.scribe.around.new_id()))
            return await self._form(request, who, values, problem=shown)
        return see_other(f"/desk/cases/{created.case_id}?saved=1", saved=DRAFT)

    async def attach(
        self, case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("case.attach"))]
    ) -> Response:
        """The form's call belongs to an open case, instead of becoming one of its own."""
        values = typed(await request.form())
        try:
            given = call_in(values)
            claim = claim_for(who, values[KEY], "/desk", given)
            await attach(self.desk.store, self.desk.scribe, who, case_id, given, claim)
        except Refusal as refusal:
            return await self._form(request, who, values, problem=from_refusal(refusal))
        except Problem as problem:
            shown = sent_before(problem, values, str(self.desk.scribe.around.new_id()))
            return await self._form(request, who, values, problem=shown)
        return see_other(f"/desk/cases/{case_id}?saved=call", saved=DRAFT)

    async def search(self, request: Request, who: Agent) -> Response:
        """By number, telephone number or employer, whichever it is; a number that exists opens its case."""
        asked = str((await request.form()).get("q", "")).strip()[:120]
        found = await self._found(who, asked)
        if len(found.cases) == 1 and found.cases[0].number in asked.upper().replace("-", "").replace(" ", ""):
            return see_other(f"/desk/cases/{found.cases[0].case_id}")
        words = Words(self.desk.city, reader_language(request))
        return render(request, "intake_found.html", found=found.cases, asked=asked, words=words)

    async def list(
        self,
        request: Request,
        who: Agent,
        state: Status | None = None,
        kind: Kind | None = None,
        mine: bool = False,
        cursor: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        filters = Filters(status=state, kind=kind, mine=mine, before=cursor, limit=limit)
        page = await self.desk.store.read(queries.page(who, filters))
        words = Words(self.desk.city, reader_language(request))
        chosen = {"state": state or "", "kind": kind or "", "mine": "true" if mine else ""}
        kept = "&".join(f"{name}={value}" for name, value in chosen.items() if value)
        following = f"/desk/cases?{kept}&cursor={page.next}" if page.next else None
        return render(
            request, "intake_cases.html", cases=page.cases, words=words, chosen=chosen, next_page=following,
            first_page=f"/desk/cases?{kept}" if cursor else None,
        )  # fmt: skip

    async def _found(self, who: Principal, asked: str) -> CasesOut:
        """The first reading of `asked` that is one: case number, telephone number, employer."""
        for name in ("number", "phone", "employer"):
            try:
                query = queries.search(
                    who, SearchIn.model_validate({name: asked}), self.desk.city, self.desk.keyring
                )
            except ValueError:  # a Refusal, or too long for this field
                continue
            if query is not None and (found := await self.desk.store.read(query)).cases:
                return found
        return CasesOut(cases=(), next=None)

    async def _form(
        self,
        request: Request,
        who: Principal,
        values: Mapping[str, str],
        problem: Problem | None = None,
        seen: CheckOut | None = None,
    ) -> Response:
        language, store, now = reader_language(request), self.desk.store, self.desk.scribe.around.now()
        mine = await store.read(queries.page(who, Filters(mine=True, limit=_MINE)))
        return render(
            request,
            "intake_desk.html",
            problem.status if problem else 200,
            values=values,
            errors=problem_lines(problem, language),
            seen=seen,
            mine=mine.cases,
            counts=await store.read(queries.counts(who)),
            due=await store.read(lambda session: callbacks.count_due(session, now)),
            words=Words(self.desk.city, language),
        )


def problem_lines(problem: Problem | None, language: Language) -> Sequence[tuple[str, str]]:
    """What is wrong, by field of the form; a problem without fields is one line of its own."""
    if problem is None:
        return []
    said = problem.en if language == "en" else problem.zh
    return errors_of(problem.errors, language) if problem.errors else [("main", said)]


def sent_before(problem: Problem, values: dict[str, str], fresh: str) -> Problem:
    """Going back and changing a form that was saved is another case: say so, and let the next try have a new
    key.
    """
    if problem.slug != "idempotency-key-reused":
        return problem
    values[KEY] = fresh
    return said("form-sent-before")
