"""What an assistant takes along: the day's sheet (走访单) to print, and a calendar link for the phone."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Form, Request
from starlette.responses import Response

from services.employment_adapter.cards import Card
from services.employment_adapter.entries import RESULTS
from services.employment_adapter.feeds import KEEP, Feeds, drop_link, link_of, make_link
from services.employment_adapter.models import Vacancy
from services.employment_adapter.visits import Visits
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.tasks.desk import Record, dialled, part, said
from services.kernel.tasks.reveals import reveal
from services.kernel.tasks.worklist import record_of
from services.kernel.tx import Tx

Reader = Annotated[Principal, Depends(allow("task.read"))]
Writer = Annotated[Principal, Depends(allow("task.write"))]
USUAL: Final = 3  # vacancies on the sheet where nobody chose


@dataclass(frozen=True)
class Sheet:
    """One visit on paper, with everything that is needed at the door."""

    card: Card
    record: Record
    name: str
    phone: str
    address: str
    vacancies: list[Vacancy]


class PaperPages:
    """The employment desk's; `router` once per process."""

    def __init__(self, visits: Visits, feeds: Feeds) -> None:
        self.visits, self.officers, self.feeds = visits, visits.officers, feeds

    def router(self) -> PageRouter:
        pages = PageRouter(prefix="/visits")
        pages.add_api_route("/sheet", self.sheet, methods=["POST"])
        pages.add_api_route("/calendar", self.calendar, methods=["GET"])
        pages.add_api_route("/calendar/new", self.new_link, methods=["POST"])
        pages.add_api_route("/calendar/stop", self.stop, methods=["POST"])
        return pages

    async def sheet(self, request: Request, who: Writer, day: Annotated[date, Form()]) -> Response:
        """The person's visits of that day. Names are on it, so each is written down as seen."""
        language = language_of(request.cookies, request.headers)
        groups, zone = await self.visits.groups(who, False, language), self.officers.city.calendar.zone
        planned = [*groups.late, *groups.today, *groups.later]
        cards = [
            card
            for card in planned
            if card.visit.starts_at and card.visit.starts_at.astimezone(zone).date() == day
        ]

        def note(tx: Tx) -> None:
            for card in cards:
                reveal(tx, card.visit.task, who.by, "home_visit")

        await self.officers.store.run(note)
        sheets = [await self._sheet(card) for card in cards]
        results = [name.in_language(language) for name in RESULTS.values()]
        return render(request, "visit_sheet.html", sheets=sheets, day=day, results=results)

    async def calendar(self, request: Request, who: Reader) -> Response:
        return await self._calendar(request, who, "")

    async def new_link(self, request: Request, who: Writer) -> Response:
        token = await self.officers.store.run(lambda tx: make_link(tx, who.by))
        return await self._calendar(request, who, self.feeds.link(token))

    async def stop(self, who: Writer) -> Response:
        await self.officers.store.run(lambda tx: drop_link(tx, who.by))
        return see_other("/visits/calendar")

    async def _calendar(self, request: Request, who: Principal, link: str) -> Response:
        found = await self.officers.store.read(lambda session: link_of(session, who.by))
        until = None if found is None else found.made_at + KEEP
        return render(request, "visit_calendar.html", link=link, until=until, may_write=who.may("task.write"))

    async def _sheet(self, card: Card) -> Sheet:
        record = record_of(card.task, self.officers.keyring) or {}
        brought = list(await self.visits.brought(card))
        if not brought:
            brought = [match.vacancy for match in (await self.visits.matches(card))[:USUAL]]
        caller = part(record, "caller")
        return Sheet(card, record, said(caller, "name"), dialled(record), said(caller, "residence"), brought)
