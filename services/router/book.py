"""The rule book in force, as this process knows it, and what happens when the next one begins to apply.

Every process of the router looks once a second. The first that notices takes their open cases from the units
that are closed now; the others only read. Handlers read `rules` and never wait.
"""

import asyncio
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial

from services.domain import units
from services.domain.city import City
from services.domain.entry import Problem
from services.domain.routing_rules import Rules
from services.domain.rule_book import RuleBook, Texts
from services.domain.units import Roster
from services.kernel.logs import logger
from services.kernel.sql import Look
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.router import closures, drafts, editions
from services.router.editions import EDITIONS, FOLDER, Edition, Stage

log = logger("router.book")
LOOKS, LOOK = 20, 0.05  # at the start; seconds between two


class Book:
    """`city`: with the units and rules that apply; `number`: of their edition, 0 before it was read."""

    def __init__(self, folder: City) -> None:
        self.folder, self.city, self.number = folder, folder, 0
        self.rules: Rules = folder.routing
        self.calendar = folder.calendar
        self.districts = folder.divisions.names()
        self._read = lru_cache(maxsize=16)(partial(RuleBook.read, districts=self.districts))
        self._city_of = lru_cache(maxsize=16)(self._made)

    def read(self, texts: Texts) -> RuleBook:
        """What these texts say, with every mistake. Takes a second for hundreds of rules: not in the loop.

        A unit that there is may close, but not go: old cases keep its name.
        """
        book = self._read(texts)
        left = {unit.id for unit in book.units}
        gone = [unit.id for unit in self.city.units if unit.id not in left]
        if not gone or any(one.file == units.FILE for one in book.problems):
            return book
        zh, en = "单位不能删除：不再受理的请写 closed = true", "a unit cannot be deleted: say closed = true"
        return replace(book, problems=(*book.problems, *(Problem(units.FILE, one, zh, en) for one in gone)))

    def city_of(self, edition: Edition) -> City:
        """The city as that edition has it."""
        return self._city_of(edition.texts, edition.version)

    def city_at(self, look: Look, version: str) -> City:
        """The city whose rules made decisions of this version; today's where nobody knows that version."""
        if version == self.city.rules_version:
            return self.city
        edition = editions.of_version(look, version)
        return self.city if edition is None else self.city_of(edition)

    async def open(self, store: Store) -> None:
        """Before the first case: what the folder says becomes an edition if it is new; then read the book."""
        await store.run(partial(_take_in, folder=self.folder))
        for _ in range(LOOKS):
            await self.turn(store)
            if self.number:
                break
            await asyncio.sleep(LOOK)  # another process took it in an instant ago, later than our clock says

    async def turn(self, store: Store) -> None:
        """Go on to the edition that applies now, if it is another."""
        now = store.now()
        edition = await store.read(partial(self._next, now=now))
        if edition is None:
            return
        city, ready = await asyncio.to_thread(self._compiled, edition)
        self.city, self.rules, self.number = city, ready, edition.number
        if edition.in_force_at is None:
            await store.run(partial(self._begin, number=edition.number))

    def _compiled(self, edition: Edition) -> tuple[City, Rules]:
        city = self.city_of(edition)
        return city, city.routing

    def _next(self, look: Look, now: datetime) -> Edition | None:
        number = editions.in_force(look, now)
        return None if number is None or number == self.number else editions.read(look, number)

    def _begin(self, tx: Tx, number: int) -> None:
        edition = EDITIONS.get(tx, number)
        if edition is None or edition.in_force_at is not None:
            return
        edition.in_force_at = tx.now
        earlier = editions.before(tx, edition)
        known = EDITIONS.get(tx, earlier) if earlier is not None else None
        was = self.city_of(known).roster if known is not None else Roster.of(())
        closures.note(tx, was, self.city_of(edition).roster, edition)
        log.info("routing.edition_in_force", number=number, version=edition.version)

    def _made(self, texts: Texts, version: str) -> City:
        return self.folder.with_book(RuleBook.parse(texts), version)


def _take_in(tx: Tx, folder: City) -> None:
    """The folder's texts become an edition when they changed: in force at once, or a draft for the board."""
    texts, known, newest = folder.routing_texts, editions.of_folder(tx), editions.newest(tx)
    if known is not None and known.texts == texts:
        return
    edition = drafts.add(tx, texts, FOLDER, "", newest)
    if newest is None or (known is not None and known.number == newest):
        drafts.put_in_order(tx, edition, folder.rules_version, None, FOLDER)
    else:
        log.warning("routing.folder_changed", number=edition.number, stage=Stage.DRAFT.value)
