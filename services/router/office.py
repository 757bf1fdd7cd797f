"""What supervisors do with the rule book, for the API and the pages alike: write, check, try, activate."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from services.domain.entry import Problem as Mistake
from services.domain.rule_book import RuleBook, Texts
from services.domain.unit_texts import with_unit
from services.domain.units import Unit
from services.kernel.parts import Parts
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.kernel.validation import FieldProblem
from services.router import drafts, editions, trier
from services.router.comparison import FileDifference, compare
from services.router.editions import EDITIONS, Edition
from services.router.models import problem, refusal
from services.router.rules import Desk


@dataclass(frozen=True)
class Office:
    """Everything it hands out was read after the last commit; everything it takes is committed."""

    parts: Parts
    store: Store
    desk: Desk

    async def edition(self, number: int) -> Edition:
        """Problem not-found for a number that nobody gave."""
        found = await self.store.read(partial(editions.read, number=number))
        if found is None:
            raise Problem.of("not-found")
        return found

    async def newest(self) -> Edition:
        number = await self.store.read(editions.newest)
        if number is None:
            raise problem("no-edition")
        return await self.edition(number)

    async def check(self, texts: Texts) -> RuleBook:
        """Read in a thread: hundreds of rules take a second."""
        return await asyncio.to_thread(self.desk.book.read, texts)

    async def compare(self, old: int, new: Edition) -> list[FileDifference]:
        return await asyncio.to_thread(compare, (await self.edition(old)).texts, new.texts)

    async def begin(self, who: Principal, note: str) -> Edition:
        return await self.store.run(partial(drafts.begin, by=who.by, note=note))

    async def edit(self, number: int, tag: str, texts: Texts, note: str, who: Principal) -> Edition:
        work = partial(drafts.edit, number=number, tag=tag, texts=texts, note=note, by=who.by)
        return await self.store.run(work, EDITIONS.want(number))

    async def change(self, work: Callable[..., Edition], number: int, tag: str, who: Principal) -> Edition:
        """Rebase, withdraw or discard."""
        return await self.store.run(partial(work, number=number, tag=tag, by=who.by), EDITIONS.want(number))

    async def activate(self, number: int, tag: str, at: datetime | None, who: Principal) -> Edition:
        """Problem `edition-faulty` with every mistake, when there is one; nothing is changed then."""
        book = await self.check((await self.edition(number)).texts)
        if book.problems:
            raise faulty(book.problems)
        work = partial(drafts.activate, number=number, tag=tag, book=book, at=at, by=who.by)
        done = await self.store.run(work, EDITIONS.want(number))
        await self.desk.book.turn(self.store)
        return done

    async def try_out(self, number: int, tag: str, days: int, who: Principal) -> None:
        """Let a draft run against what applies now."""
        edition = await self.edition(number)
        if edition.tag != tag:
            raise problem("edition-changed")
        book = await self.check(edition.texts)
        if book.problems:
            raise faulty(book.problems)
        against = self.desk.book.number
        await self.store.run(partial(trier.ask, edition=edition, against=against, days=days, by=who.by))

    async def stop(self, number: int) -> None:
        await self.store.run(partial(trier.stop, edition=number))

    async def change_unit(
        self, unit_id: str, base: int, change: Callable[[Unit | None], Unit], note: str, who: Principal
    ) -> Edition:
        """An edition with one unit changed, in force at once. `base`: the edition that the person saw."""
        newest = await self.newest()
        if newest.number != base:
            raise problem("edition-outdated")
        known = next((unit for unit in (await self.check(newest.texts)).units if unit.id == unit_id), None)
        texts = Texts(with_unit(newest.units, change(known)), newest.rules)
        book = await self.check(texts)
        if book.problems:
            raise faulty(book.problems)

        def work(tx: Tx) -> Edition:
            return drafts.change_at_once(tx, base, texts, book, note, who.by)

        done = await self.store.run(work)
        await self.desk.book.turn(self.store)
        return done


def closing(unit: Unit | None, successor: str | None) -> Unit:
    """The unit closed for good; what it had goes to `successor`, or to a person."""
    return _known(unit).model_copy(update={"closed": True, "suspended": False, "successor": successor})


def suspending(unit: Unit | None, successor: str | None) -> Unit:
    """The unit takes no cases for a while; `successor` takes them meanwhile, or a person decides each."""
    return _known(unit).model_copy(update={"suspended": True, "successor": successor})


def resuming(unit: Unit | None) -> Unit:
    return _known(unit).model_copy(update={"closed": False, "suspended": False, "successor": None})


def _known(unit: Unit | None) -> Unit:
    if unit is None:
        raise refusal("unknown-unit", "unit")
    return unit


def faulty(mistakes: Sequence[Mistake]) -> Problem:
    """The refusal that names them all, each with its file and line."""
    found = problem("edition-faulty")
    found.errors = tuple(
        FieldProblem(
            one.file if one.line is None else f"{one.file}:{one.line}",
            f"{one.entry}：{one.zh}", f"{one.entry}: {one.en}",
        )
        for one in mistakes
    )  # fmt: skip
    return found
