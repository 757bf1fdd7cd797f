"""Two pages: what is overdue or draws near, for the board; and the clocks of one case, to be changed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from services.domain.names import Name
from services.domain.refusals import Refusal
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem
from services.kernel.store import Looking
from services.router import clock_views, objections, recount
from services.router.clock_desk import ClockDesk

SHOWN: Final = 50
BOUNCES_OF: Final = timedelta(days=30)
_NO_AMOUNT: Final = Name("延长多少应填数字。", "The extension is a number.")


@dataclass(frozen=True)
class Typed:
    """What a form held when it could not be taken, and why."""

    clock: UUID | None = None
    reason: str = ""
    amount: str = ""
    note: str = ""
    error: str = ""


def router(desk: ClockDesk) -> PageRouter:
    pages, room = PageRouter(), Room(desk)

    @pages.get("/clocks")
    async def board(
        request: Request,
        who: Annotated[Principal, Depends(allow("board.read"))],
        unit: str = "",
        overdue: str | None = None,
        near: str | None = None,
    ) -> Response:
        return await room.board(request, unit, overdue, near)

    @pages.get("/clocks/cases/{case_id}")
    async def case(
        case_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("clock.read"))],
        done: str = "",
    ) -> Response:  # fmt: skip
        return await room.case(request, case_id, who, Typed(), done=done)

    @pages.post("/clocks/cases/{case_id}/{clock_id}/{act}")
    async def change(
        case_id: UUID, clock_id: UUID, act: Literal["pause", "resume"], request: Request,
        who: Annotated[Principal, Depends(allow("clock.pause"))],
        reason: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:  # fmt: skip
        return await room.change(request, case_id, who, act, Typed(clock_id, reason))

    @pages.post("/clocks/cases/{case_id}/{clock_id}")
    async def extend(
        case_id: UUID, clock_id: UUID, request: Request,
        who: Annotated[Principal, Depends(allow("clock.extend"))],
        reason: Annotated[str, Form(max_length=64)] = "",
        amount: Annotated[str, Form(max_length=20)] = "",
        note: Annotated[str, Form(max_length=2000)] = "",
    ) -> Response:  # fmt: skip
        return await room.change(request, case_id, who, "extend", Typed(clock_id, reason, amount, note))

    return pages


@dataclass(frozen=True)
class Room:
    """Where the clocks are looked at; `desk` does the work."""

    desk: ClockDesk

    async def board(self, request: Request, unit: str, overdue: str | None, near: str | None) -> HTMLResponse:
        language, desk = language_of(request.cookies, request.headers), self.desk
        since = desk.store.now() - BOUNCES_OF
        lists = {"overdue": overdue, "approaching": near}

        def look(session: Looking) -> dict[str, object]:
            found: dict[str, object] = {"counts": clock_views.counts(session)}
            for which, cursor in lists.items():
                rows, after = clock_views.listed(session, which, SHOWN, cursor, unit or None)
                found[which] = [desk.line(row, language) for row in rows]
                found[f"{which}_next"] = after
            found["bounces"] = objections.by_unit(session, since)
            found["recount"] = recount.progress(session)
            return found

        seen = await desk.store.read(look)
        units = [(one.id, one.title(language)) for one in desk.city.units]
        return render(request, "router_clocks.html", 200, units=units, unit=unit, names=dict(units), **seen)

    async def case(
        self, request: Request, case_id: UUID, who: Principal, typed: Typed, status: int = 200, done: str = ""
    ) -> HTMLResponse:
        language = language_of(request.cookies, request.headers)
        table = await self.desk.table(case_id, who, language)
        names = self.desk.city.texts.names
        reasons = {
            group: [(code, word.in_language(language)) for code, word in names.get(group, {}).items()]
            for group in ("pause", "extension")
        }
        return render(
            request, "router_case_clocks.html", status, table=table, typed=typed, done=done, reasons=reasons
        )

    async def change(
        self, request: Request, case_id: UUID, who: Principal, act: str, typed: Typed
    ) -> Response:
        """The table again: after a redirect, or at once with what is wrong and what was typed."""
        language = language_of(request.cookies, request.headers)
        try:
            await self._carry_out(case_id, who, act, typed)
        except (Problem, Refusal) as error:
            status = error.status if isinstance(error, Problem) else 422
            if status == 404:
                raise
            sentence = error.en if language == "en" else error.zh
            wrong = Typed(typed.clock, typed.reason, typed.amount, typed.note, sentence)
            return await self.case(request, case_id, who, wrong, status)
        return see_other(f"/clocks/cases/{case_id}?done={act}")

    async def _carry_out(self, case_id: UUID, who: Principal, act: str, typed: Typed) -> None:
        desk, clock_id = self.desk, typed.clock or UUID(int=0)
        if act == "pause":
            return await desk.change(case_id, clock_id, who, lambda one, tx: one.pause(tx, typed.reason))
        if act == "resume":
            return await desk.change(case_id, clock_id, who, lambda one, tx: one.resume(tx))
        amount = typed.amount.strip()
        if amount and not (amount.isascii() and amount.isdecimal()):
            raise Refusal("clock-extension-too-long", _NO_AMOUNT.zh, _NO_AMOUNT.en, "amount")
        wanted, reason = int(amount) if amount else None, desk.extension_reason(typed.reason)
        note = desk.sealed(case_id, typed.note.strip()[:500])
        return await desk.change(case_id, clock_id, who, lambda one, tx: one.extend(tx, wanted, reason, note))
