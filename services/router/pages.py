"""The supervisor's page: cases that no rule could place, one decision after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, NamedTuple
from uuid import UUID

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from services.domain.names import Name
from services.domain.refusals import Refusal
from services.kernel.access import Principal, allow
from services.kernel.filters import LOCAL
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.parts import Parts
from services.kernel.problem import Problem
from services.kernel.store import Store
from services.router.board import Clerk
from services.router.routes import MOST_WORDS, DecisionIn, send
from services.router.rules import Desk

_WRONG: Final = {
    "no-unit": Name("请选择承办单位。", "Choose a unit."),
    "no-reason": Name("请写明理由，以后看的人要能懂。", "Say why, for whoever reads it later."),
    "long-reason": Name(f"理由最多 {MOST_WORDS} 字。", f"At most {MOST_WORDS} characters."),
}


class Typed(NamedTuple):
    """What the form held when it could not be taken, and why: field and sentence."""

    unit: str = ""
    reason: str = ""
    errors: Sequence[tuple[str, Name]] = ()


def router(parts: Parts, store: Store, desk: Desk) -> PageRouter:
    pages, room = PageRouter(), Room(parts, store, desk, Clerk(desk, parts.keyring))

    @pages.get("/routing")
    async def show(
        request: Request,
        who: Annotated[Principal, Depends(allow("routing.read"))],
        case: UUID | None = None,
        cursor: str | None = None,
        done: UUID | None = None,
    ) -> Response:
        return await room.board(request, who, case, Typed(), cursor=cursor, done=done)

    @pages.post("/routing/{case_id}")
    async def decide(
        case_id: UUID,
        request: Request,
        who: Annotated[Principal, Depends(allow("routing.decide"))],
        unit: Annotated[str, Form(max_length=200)] = "",
        reason: Annotated[str, Form(max_length=8000)] = "",
    ) -> Response:
        """The decision, then the next case; or the form again, as it was typed, with what is wrong."""
        return await room.decide(request, who, case_id, unit.strip(), reason.strip())

    return pages


@dataclass(frozen=True)
class Room:
    """Where supervisors decide: what the pages need, and what they do with it."""

    parts: Parts
    store: Store
    desk: Desk
    clerk: Clerk

    async def board(
        self, request: Request, who: Principal, case_id: UUID | None, typed: Typed, status: int = 200,
        cursor: str | None = None, done: UUID | None = None,
    ) -> HTMLResponse:  # fmt: skip
        language = language_of(request.cookies, request.headers)
        now = self.parts.around.now().astimezone(LOCAL)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        seen = await self.store.read(lambda tx: self.clerk.board(tx, language, midnight, cursor, case_id))
        errors = [(field, words.in_language(language)) for field, words in typed.errors]
        sent = next((line for line in seen.decided if line.case_id == done), None)
        return render(
            request, "router_board.html", status, board=seen, typed=typed, errors=errors, sent=sent,
            may_decide=who.may("routing.decide"), first_page=cursor is None,
        )  # fmt: skip

    async def decide(
        self, request: Request, who: Principal, case_id: UUID, unit: str, reason: str
    ) -> Response:
        if wrong := _wrong(unit, reason):
            return await self.board(request, who, case_id, Typed(unit, reason, wrong), 422)
        given = DecisionIn(unit=unit, reason=reason)
        try:
            await send(self.parts, self.store, self.desk, case_id, given, who)
        except Refusal as error:
            typed = Typed(unit, reason, [(error.field or "unit", Name(error.zh, error.en))])
            return await self.board(request, who, case_id, typed, 422)
        except Problem as error:
            if error.status != 409:
                raise
            late = Typed(errors=[("queue", Name(error.zh, error.en))])
            return await self.board(request, who, None, late, 409)
        return see_other(f"/routing?done={case_id}", saved=f"routing-{case_id}")


def _wrong(unit: str, reason: str) -> list[tuple[str, Name]]:
    found = [] if unit and len(unit) <= 64 else [("unit", _WRONG["no-unit"])]
    if not reason:
        found.append(("reason", _WRONG["no-reason"]))
    elif len(reason) > MOST_WORDS:
        found.append(("reason", _WRONG["long-reason"]))
    return found
