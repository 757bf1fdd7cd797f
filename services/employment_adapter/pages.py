"""An assistant's rounds and one visit as pages, for a phone first: /visits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from fastapi import Depends, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.domain.names import Name
from services.domain.refusals import Refusal
from services.employment_adapter.entries import ENTRIES, Said
from services.employment_adapter.occupations import occupations
from services.employment_adapter.visits import Visits
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem
from services.kernel.tasks.reveals import has_identity, masked, reveal
from services.kernel.tasks.views import Clerk
from services.kernel.tasks.worklist import history_of, record_of
from services.kernel.validation import sentences_of

Reader = Annotated[Principal, Depends(allow("task.read"))]
Writer = Annotated[Principal, Depends(allow("task.write"))]
EntryName = Literal["plan", "attempt", "safety", "wish", "bring", "assistant", "follow-up", "outcome"]
HOME: Final = "/visits"
PURPOSE: Final = "home_visit"
NEARS: Final = {
    "street": Name("本街道", "Own street"),
    "district": Name("本区", "Own district"),
    "city": Name("全市", "The whole city"),
}


@dataclass(frozen=True)
class Filled:
    """A form as it was sent: kept when something was wrong, so that nothing typed is lost.

    Both by the name of what is said; in the page every field has its entry before it, such as "attempt_note".
    """

    entry: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def listed(self) -> list[tuple[str, str]]:
        """For the summary above the page: (id of the field, sentence)."""
        return [(f"{self.entry}_{name}", text) for name, text in self.errors.items()]


class VisitPages:
    """The employment desk's; `router` once per process."""

    def __init__(self, visits: Visits) -> None:
        self.visits, self.officers = visits, visits.officers
        self.clerk = Clerk(visits.officers.desk, visits.officers.city)

    def router(self) -> PageRouter:
        pages = PageRouter(prefix=HOME)
        pages.add_api_route("", self.list, methods=["GET"])
        pages.add_api_route("/{task}", self.visit, methods=["GET"])
        pages.add_api_route("/{task}/identity", self.identity, methods=["POST"])
        pages.add_api_route("/{task}/{entry}", self.enter, methods=["POST"])
        return pages

    async def list(
        self, request: Request, who: Reader, whose: Annotated[Literal["mine", "all"], Query()] = "mine"
    ) -> Response:
        groups = await self.visits.groups(who, whose == "all", _language(request))
        planned = [card.visit.starts_at for card in (*groups.late, *groups.today, *groups.later)]
        zone = self.officers.city.calendar.zone
        days = dict.fromkeys(at.astimezone(zone).date() for at in planned if at is not None)
        template = "visits_rows.html" if "x-fragment" in request.headers else "visits.html"
        shown = {"groups": groups, "whose": whose, "may_write": who.may("task.write")}
        return render(request, template, 200, **shown, days=list(days) if whose == "mine" else [])

    async def visit(
        self, task: str, request: Request, who: Reader, done: EntryName | None = None
    ) -> Response:
        return await self._show(request, who, task, Filled(), done=done)

    async def identity(self, task: str, who: Writer) -> Response:
        """The visit begins: name, telephone and address are shown, and that is written down."""
        await self.visits.find(task, who)
        await self.officers.store.run(lambda tx: reveal(tx, task, who.by, PURPOSE))
        return see_other(f"{HOME}/{task}")

    async def enter(self, task: str, entry: EntryName, request: Request, who: Writer) -> Response:
        """Enter something; when it cannot be taken the form comes back as it was typed."""
        form = await request.form()
        sent = {
            name: " ".join(value for value in form.getlist(name) if isinstance(value, str)) for name in form
        }  # several boxes of one name are a list
        language, token = _language(request), sent.get("token", "")[:64] or None
        names = ENTRIES[entry].model_fields
        given = {name: sent[f"{entry}_{name}"] for name in names if f"{entry}_{name}" in sent}
        said = _read(entry, given, language)
        if isinstance(said, Filled):
            return await self._show(request, who, task, said, status=422)
        try:
            await self.visits.enter(task, said, who, token)
        except Refusal as refused:
            filled = Filled(entry, given, {refused.field or "": refused.in_language(language)})
            return await self._show(request, who, task, filled, status=422)
        except Problem as problem:
            if problem.slug == "not-found":
                raise
            filled = Filled(entry, given, {"": problem.en if language == "en" else problem.zh})
            return await self._show(request, who, task, filled, status=problem.status)
        return see_other(f"{HOME}/{task}?done={entry}", saved=f"{entry}-{task}")

    async def _show(
        self, request: Request, who: Principal, key: str, filled: Filled, *, status: int = 200,
        done: str | None = None,
    ) -> Response:  # fmt: skip
        language, keyring, names = _language(request), self.officers.keyring, self.officers.city.texts.name
        card = await self.visits.card(key, who, language)
        record, whole = await self.officers.record(card.task, who), record_of(card.task, keyring)
        now, wish = self.officers.store.now(), self.visits.cards.wish(card)
        opened = self.clerk.opened(card.task, record, history_of(card.task, keyring), now, language)
        assistants = self.officers.city.visits.by_unit.get(card.visit.unit, ())
        return render(
            request, "visit.html", status, card=card, opened=opened, filled=filled, done=done,
            hidden=has_identity(whole) and masked(whole or {}) == record,
            free=await self.visits.free(card, who) if card.visit.closed_at is None else [],
            assistants=[one.number for one in assistants],
            outcomes=[(code, names("outcome", code, language)) for code in self.officers.desk.outcomes],
            follow_ups=[
                (code, names("follow_up", code, language))
                for code in ("settled", "needs_help_again", "no_answer")
            ],
            matches=await self.visits.matches(card), brought=await self.visits.brought(card),
            wish=wish, occupations=occupations(),
            wish_words="、".join(occupations()[code].words[0] for code in wish.occupations),
            nears=[(code, name.in_language(language)) for code, name in NEARS.items()],
            may_write=who.may("task.write"), now=now,
            token=f"{self.officers.store.around.random.getrandbits(128):032x}",
        )  # fmt: skip


def _language(request: Request) -> str:
    return language_of(request.cookies, request.headers)


def _read(entry: EntryName, given: Mapping[str, str], language: str) -> Said | Filled:
    """What the form says; or the form again, with a sentence for each wrong field. Empty is missing."""
    written = {name: value for name, value in given.items() if value.strip()}
    try:
        return ENTRIES[entry].model_validate(written)
    except ValidationError as error:
        return Filled(entry, given, sentences_of(error.errors(include_url=False), language))
