"""The supervisors' pages on rules: all editions, one of them to read, edit, check, try and activate."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Form, Query, Request
from starlette.responses import Response

from services.domain.names import Name
from services.kernel.access import Principal, allow
from services.kernel.filters import LOCAL
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.router import drafts, tries
from services.router.edition_routes import After, AnEdition, Number
from services.router.edition_views import MOST_NOTE, MOST_TEXT
from services.router.office import Office
from services.router.rule_board import Room, Shown

CASES_SHOWN: Final = 100
Reader = Annotated[Principal, Depends(allow("routing.read"))]
Writer = Annotated[Principal, Depends(allow("routing.rules"))]
Place = Annotated[str, Query(max_length=80)]
Tag = Annotated[str, Form(max_length=64)]
Typed = Annotated[str, Form(max_length=MOST_TEXT)]
_NO_NOTE: Final = Name("请写明这一版改什么、为什么。", "Say what this edition changes, and why.")
_NO_TIME: Final = Name("生效时间看不懂，请写成 2026-12-01T08:30。", "Write the time as 2026-12-01T08:30.")


def router(office: Office) -> PageRouter:
    pages, room = PageRouter(), Room(office)
    _reading(pages, room)
    _writing(pages, room)
    _deciding(pages, room)
    return pages


def _reading(pages: PageRouter, room: Room) -> None:
    @pages.get("/routing/rules")
    async def every(request: Request, who: Reader, below: AnEdition = None) -> Response:
        return await room.every(request, who, below)

    @pages.get("/routing/rules/{number}")
    async def one(number: Number, request: Request, who: Reader) -> Response:
        return await room.edition(request, who, number, Shown())

    @pages.get("/routing/rules/{number}/cases")
    async def tried(
        number: Number,
        request: Request,
        _who: Reader,
        was: Place,
        now: Place,
        after: After = 0,
    ) -> Response:
        """Every case that the draft would send elsewhere, of one move."""
        page = await tries.cases(room.office, number, CASES_SHOWN, after, was, now)
        language, city = language_of(request.cookies, request.headers), room.office.desk.city
        move = [tries.place_name(place, city, language) for place in (was, now)]
        kinds = {one.kind: city.texts.name("kind", one.kind, language) for one in page.cases}
        return render(
            request, "router_tried.html", number=number, page=page, move=move, kinds=kinds, was=was, now=now
        )


def _writing(pages: PageRouter, room: Room) -> None:
    @pages.post("/routing/rules")
    async def begin(
        request: Request, who: Writer, note: Annotated[str, Form(max_length=2000)] = ""
    ) -> Response:
        if not 0 < len(note.strip()) <= MOST_NOTE:
            return await room.every(request, who, None, _NO_NOTE)
        draft = await room.office.begin(who, note.strip())
        return see_other(f"/routing/rules/{draft.number}", saved="routing-new-edition")

    @pages.post("/routing/rules/{number}")
    async def save(
        number: Number, request: Request, who: Writer, tag: Tag = "", units: Typed = "", rules: Typed = "",
        note: Annotated[str, Form(max_length=2000)] = "",
    ) -> Response:  # fmt: skip
        """Keep the draft; or the form again, as it was typed, beside what a colleague has made of it."""
        typed = Shown(units.replace("\r\n", "\n"), rules.replace("\r\n", "\n"), note.strip())
        return await room.save(request, who, number, tag, typed)

    @pages.post("/routing/rules/{number}/dry-run")
    async def try_out(
        number: Number,
        request: Request,
        who: Writer,
        tag: Tag = "",
        days: Annotated[int, Form(ge=1, le=366)] = 30,
    ) -> Response:
        return await room.done(request, who, number, partial(room.office.try_out, number, tag, days, who))

    @pages.post("/routing/rules/{number}/stop")
    async def stop(number: Number, request: Request, who: Writer) -> Response:
        return await room.done(request, who, number, partial(room.office.stop, number))


def _deciding(pages: PageRouter, room: Room) -> None:
    office = room.office

    @pages.post("/routing/rules/{number}/activate")
    async def activate(
        number: Number,
        request: Request,
        who: Writer,
        tag: Tag = "",
        at: Annotated[str, Form(max_length=40)] = "",
    ) -> Response:
        try:
            when = (
                datetime.fromisoformat(at.strip()).replace(tzinfo=LOCAL).astimezone(UTC)
                if at.strip()
                else None
            )
        except (ValueError, OverflowError):
            return await room.edition(request, who, number, Shown(errors=(("at", _NO_TIME),)), 422)
        return await room.done(request, who, number, partial(office.activate, number, tag, when, who))

    @pages.post("/routing/rules/{number}/rebase")
    async def rebase(number: Number, request: Request, who: Writer, tag: Tag = "") -> Response:
        return await room.done(request, who, number, partial(office.change, drafts.rebase, number, tag, who))

    @pages.post("/routing/rules/{number}/withdraw")
    async def withdraw(number: Number, request: Request, who: Writer, tag: Tag = "") -> Response:
        return await room.done(
            request, who, number, partial(office.change, drafts.withdraw, number, tag, who)
        )

    @pages.post("/routing/rules/{number}/discard")
    async def discard(number: Number, request: Request, who: Writer, tag: Tag = "") -> Response:
        return await room.done(request, who, number, partial(office.change, drafts.discard, number, tag, who))
