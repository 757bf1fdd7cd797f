"""What the pages on rules show, and what they do when something typed cannot be taken."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from services.domain.city import City
from services.domain.names import Name
from services.domain.refusals import Refusal
from services.domain.rule_book import RuleBook, Texts
from services.domain.rule_entries import Rule
from services.kernel.language import language_of
from services.kernel.pages import render, see_other
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.router import dry_runs, editions, tries
from services.router.comparison import FileDifference, compare
from services.router.dry_runs import UNDER_WAY, RouterDryRun
from services.router.edition_views import MOST_NOTE, MoveOut
from services.router.editions import Edition, RouterEdition
from services.router.office import Office

SHOWN: Final = 20
MOST_MISTAKES: Final = 200
_NO_NOTE: Final = Name("请写明这一版改什么、为什么。", "Say what this edition changes, and why.")
_BY: Final = {
    "work": Name("用工地所在区", "by place of employment"),
    "employer": Name("单位地址所在区", "by employer's address"),
    "residence": Name("居住地所在区", "by residence"),
    "residence_street": Name("居住地所在街道，没有的由区", "by street of residence, else district"),
}
_SERVICES: Final = {
    "inspection": Name("劳动保障监察", "labour inspection"),
    "employment": Name("公共就业服务", "employment services"),
    "helpdesk": Name("社会求助", "social help"),
}
_PERSON: Final = Name("转人工：", "a person: ")


class Shown(NamedTuple):
    """What was typed and could not be taken, and why: field and sentence."""

    units: str | None = None
    rules: str | None = None
    note: str | None = None
    errors: Sequence[tuple[str, Name]] = ()


class Ruling(NamedTuple):
    """A rule in words. `goes`: where its cases go."""

    id: str
    words: str
    article: str
    goes: str


@dataclass(frozen=True)
class Opened:
    """An edition's page. `theirs`: what a colleague has made of the draft that was typed into."""

    edition: Edition
    book: RuleBook
    rulings: Sequence[Ruling]
    difference: Sequence[FileDifference]
    theirs: Sequence[FileDifference]
    stage: str
    outdated: bool
    run: RouterDryRun | None
    moves: Sequence[MoveOut]


@dataclass(frozen=True)
class Room:
    """Where supervisors work on the rules."""

    office: Office

    async def every(
        self, request: Request, who: Principal, below: int | None, wrong: Name | None = None
    ) -> HTMLResponse:
        language, office = language_of(request.cookies, request.headers), self.office
        rows = await office.store.read(partial(editions.listed, limit=SHOWN + 1, below=below))
        lines = [(row, self.stage(row)) for row in rows[:SHOWN]]
        errors = [("note", wrong.in_language(language))] if wrong else []
        return render(
            request, "router_rules.html", 422 if wrong else 200, lines=lines, errors=errors,
            next=rows[SHOWN - 1].number if len(rows) > SHOWN else None, first=below is None,
            may_write=who.may("routing.rules"),
        )  # fmt: skip

    async def edition(
        self, request: Request, who: Principal, number: int, typed: Shown, status: int = 200
    ) -> HTMLResponse:
        language = language_of(request.cookies, request.headers)
        seen = await self.open(number, typed, language)
        errors = [(name, words.in_language(language)) for name, words in typed.errors]
        return render(
            request, "router_edition.html", status, seen=seen, typed=typed, errors=errors,
            most=MOST_MISTAKES, under_way=seen.run is not None and seen.run.course in UNDER_WAY,
            may_write=who.may("routing.rules"), english=language == "en",
        )  # fmt: skip

    async def open(self, number: int, typed: Shown, language: str) -> Opened:
        office = self.office
        edition = await office.edition(number)
        book = await office.check(edition.texts)
        newest = await office.store.read(editions.newest)
        run = await office.store.read(partial(dry_runs.latest, edition=number))
        mine = Texts(typed.units or edition.units, typed.rules or edition.rules)
        return Opened(
            edition=edition,
            book=book,
            rulings=[ruling(rule, office.desk.city, language) for rule in book.rules],
            difference=await office.compare(edition.base, edition) if edition.base else [],
            theirs=await asyncio.to_thread(compare, mine, edition.texts),
            stage=self.stage(edition),
            outdated=edition.stage == editions.Stage.DRAFT and edition.base != newest,
            run=run,
            moves=tries.moves_of(run, office.desk.city, language) if run else [],
        )

    async def save(self, request: Request, who: Principal, number: int, tag: str, typed: Shown) -> Response:
        note = typed.note or ""
        if not 0 < len(note) <= MOST_NOTE:
            wrong = typed._replace(errors=[("note", _NO_NOTE)])
            return await self.edition(request, who, number, wrong, 422)
        texts = Texts(typed.units or "", typed.rules or "")
        try:
            await self.office.edit(number, tag, texts, note, who)
        except Problem as error:
            if error.slug not in ("edition-changed", "edition-not-draft"):
                raise
            wrong = typed._replace(errors=[("rules", Name(error.zh, error.en))])
            return await self.edition(request, who, number, wrong, error.status)
        return see_other(f"/routing/rules/{number}", saved=f"routing-edition-{number}")

    async def done(
        self, request: Request, who: Principal, number: int, work: Callable[[], Awaitable[object]]
    ) -> Response:
        """Do it and look at the edition again; what cannot be done is told on its page."""
        try:
            await work()
        except Refusal as error:
            typed = Shown(errors=[("rules", Name(error.zh, error.en))])
            return await self.edition(request, who, number, typed, 422)
        except Problem as error:
            if error.status not in (409, 412, 422):
                raise
            typed = Shown(errors=[("rules", Name(error.zh, error.en))])
            return await self.edition(request, who, number, typed, error.status)
        return see_other(f"/routing/rules/{number}")

    def stage(self, edition: Edition | RouterEdition) -> str:
        """draft, discarded, in_force, scheduled or past."""
        if edition.stage != editions.Stage.ACTIVE:
            return edition.stage
        if edition.number == self.office.desk.book.number:
            return "in_force"
        scheduled = edition.effective_at is not None and edition.effective_at > self.office.store.now()
        return "scheduled" if scheduled else "past"


def ruling(rule: Rule, city: City, language: str) -> Ruling:
    """The rule as an official reads it."""
    words = Name(rule.zh, rule.en).in_language(language)
    if rule.to is None:
        goes = _PERSON.in_language(language) + city.texts.name("hold", rule.hold or "", language)
    elif rule.to.unit is not None:
        goes = city.unit_name(rule.to.unit, language)
    else:
        by, service = _BY[rule.to.by], _SERVICES[rule.to.service]
        goes = f"{service.in_language(language)} · {by.in_language(language)}"
    return Ruling(rule.id, words, rule.article or "", goes)
