"""The API of the rule book: editions, drafts, checks, differences, dry runs.

What changes an edition asks for the ETag that came with it (If-Match): of two who change the same draft, the
second is told (412), and nothing of either is lost.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from services.domain.rule_book import Texts
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.router import drafts, tries
from services.router.edition_views import (
    ActivateIn,
    DifferenceOut,
    DraftIn,
    DryRunIn,
    DryRunOut,
    EditionIn,
    EditionLine,
    EditionOut,
    EditionPage,
    FileOut,
    LineOut,
    MistakeOut,
    TriedPage,
)
from services.router.editions import Edition, RouterEdition, listed
from services.router.models import problem
from services.router.office import Office

Who = Annotated[Principal, Depends(allow("routing.rules"))]
IfMatch = Annotated[str | None, Header(max_length=64)]
MOST: Final = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=MOST)]
AnEdition = Annotated[int | None, Query(ge=1, le=MOST)]
After = Annotated[int, Query(ge=0, le=MOST)]
READER: Final = [Depends(allow("routing.read"))]


def router(office: Office) -> APIRouter:
    api = APIRouter(tags=["routing rules"], prefix="/api/routing/editions")
    _reading(api, office)
    _writing(api, office)
    _deciding(api, office)
    _trying(api, office)
    return api


def _reading(api: APIRouter, office: Office) -> None:
    @api.get("", dependencies=READER)
    async def all_editions(
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        below: AnEdition = None,
    ) -> EditionPage:
        """Editions, newest first, without their texts."""
        rows = await office.store.read(lambda session: listed(session, limit + 1, below))
        lines = [line_of(row, office) for row in rows[:limit]]
        more = lines[-1].number if len(rows) > limit else None
        return EditionPage(in_force=office.desk.book.number, editions=lines, next=more)

    @api.get("/{number}", dependencies=READER)
    async def one(number: Number, request: Request, response: Response) -> EditionOut:
        """An edition with its texts, and every mistake in them with file, line and reason."""
        return await shown(office, await office.edition(number), request, response)

    @api.get("/{number}/difference", dependencies=READER)
    async def difference(number: Number, against: AnEdition = None) -> DifferenceOut:
        """What differs from another edition; from the one that it was made from, when none is named."""
        edition = await office.edition(number)
        other = against or edition.base or number
        files = await office.compare(other, edition)
        told = [
            FileOut(file=one.file, lines=[LineOut(sign=line.sign, text=line.text) for line in one.lines])
            for one in files
        ]
        return DifferenceOut(against=other, files=told)


def _writing(api: APIRouter, office: Office) -> None:
    @api.post("", status_code=201)
    async def begin(body: DraftIn, who: Who, request: Request, response: Response) -> EditionOut:
        """A draft that says what the newest edition says."""
        return await shown(office, await office.begin(who, body.note), request, response)

    @api.put("/{number}")
    async def edit(
        number: Number, body: EditionIn, who: Who, request: Request, response: Response,
        if_match: IfMatch = None,
    ) -> EditionOut:  # fmt: skip
        """Keep the draft as it is now, right or wrong. 412: somebody has changed it since."""
        texts = Texts(body.units, body.rules)
        done = await office.edit(number, tag_of(if_match), texts, body.note, who)
        return await shown(office, done, request, response)

    @api.post("/{number}/rebase")
    async def rebase(
        number: Number, who: Who, request: Request, response: Response, if_match: IfMatch = None
    ) -> EditionOut:
        """Go on from the newest edition: what the draft left as it was is taken from there."""
        done = await office.change(drafts.rebase, number, tag_of(if_match), who)
        return await shown(office, done, request, response)


def _deciding(api: APIRouter, office: Office) -> None:
    @api.post("/{number}/activate")
    async def activate(
        number: Number, body: ActivateIn, who: Who, request: Request, response: Response,
        if_match: IfMatch = None,
    ) -> EditionOut:  # fmt: skip
        """Put a draft in force, now or from a later instant on. 409: another edition came between."""
        done = await office.activate(number, tag_of(if_match), body.effective_at, who)
        return await shown(office, done, request, response)

    @api.post("/{number}/withdraw")
    async def withdraw(
        number: Number, who: Who, request: Request, response: Response, if_match: IfMatch = None
    ) -> EditionOut:
        """Take back an edition that is scheduled, to be a draft again."""
        done = await office.change(drafts.withdraw, number, tag_of(if_match), who)
        return await shown(office, done, request, response)

    @api.post("/{number}/discard")
    async def discard(
        number: Number, who: Who, request: Request, response: Response, if_match: IfMatch = None
    ) -> EditionOut:
        """Give a draft up; what it said can still be read."""
        done = await office.change(drafts.discard, number, tag_of(if_match), who)
        return await shown(office, done, request, response)


def _trying(api: APIRouter, office: Office) -> None:
    @api.post("/{number}/dry-run", status_code=202)
    async def try_out(
        number: Number, body: DryRunIn, who: Who, request: Request, if_match: IfMatch = None
    ) -> DryRunOut:
        """Try the draft on the cases of the last days: which of them would go elsewhere?"""
        await office.try_out(number, tag_of(if_match), body.days, who)
        return await tries.shown(office, number, language_of(request.cookies, request.headers))

    @api.get("/{number}/dry-run", dependencies=READER)
    async def progress(number: Number, request: Request) -> DryRunOut:
        """How far the last dry run is, and what it has found, by unit."""
        return await tries.shown(office, number, language_of(request.cookies, request.headers))

    @api.delete("/{number}/dry-run", status_code=204)
    async def stop(number: Number, who: Who) -> None:
        """End the dry run; what it has found stays."""
        await office.stop(number)

    @api.get("/{number}/dry-run/cases", dependencies=READER)
    async def cases(
        number: Number, limit: Annotated[int, Query(ge=1, le=500)] = 100, after: After = 0,
        was: Annotated[str | None, Query(max_length=80)] = None,
        now: Annotated[str | None, Query(max_length=80)] = None,
    ) -> TriedPage:  # fmt: skip
        """Every case that would go elsewhere; those of one move when `was` and `now` are given."""
        return await tries.cases(office, number, limit, after, was, now)


def tag_of(if_match: str | None) -> str:
    """What the caller has seen. Problem `tag-needed` without it."""
    if not if_match:
        raise problem("tag-needed")
    return if_match.removeprefix("W/").strip('"')


async def shown(office: Office, edition: Edition, request: Request, response: Response) -> EditionOut:
    response.headers["ETag"] = f'"{edition.tag}"'
    english = language_of(request.cookies, request.headers) == "en"
    book = await office.check(edition.texts)
    problems = [MistakeOut.of(one, english) for one in book.problems]
    texts = {"units": edition.units, "rules": edition.rules, "problems": problems}
    return EditionOut.model_validate(line_of(edition, office).model_dump() | texts)


def line_of(edition: Edition | RouterEdition, office: Office) -> EditionLine:
    fields = {name: getattr(edition, name) for name in EditionLine.model_fields if name != "in_force"}
    return EditionLine.model_validate(fields | {"in_force": edition.number == office.desk.book.number})
