"""Several routers on one database: an edition begins once, a closed unit's case is taken once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from sqlmodel import Session, col, select

from services.domain.rule_book import Texts
from services.domain.unit_texts import with_unit
from services.kernel.service import KERNEL
from services.kernel.store import Store
from services.router import drafts
from services.router.closures import RouterClosure
from services.router.editions import RouterEdition
from services.router.handover import hand_over
from services.router.models import HISTORY, RouterDecision
from services.router.rules import Desk
from tests.kernel.cells import Clock, surroundings
from tests.places import Server
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE, Office, nanjing, place

HISTORIES = (KERNEL, HISTORY)
REPLICAS = 3


@asynccontextmanager
async def replicas(server: Server) -> AsyncIterator[list[Office]]:
    """Routers that share a database and a clock."""
    clock = Clock()
    server.url("router", *HISTORIES)
    stores = [
        Store(server.url("router"), "router", HISTORIES, surroundings(seed, clock))
        for seed in range(REPLICAS)
    ]
    try:
        for store in stores:
            await store.start()
        yield [Office(store, clock, Desk.of(nanjing())) for store in stores]
    finally:
        for store in stores:
            await store.close()


async def test_routers_that_start_together_take_the_folder_in_once(server: Server) -> None:
    async with replicas(server) as offices:
        await asyncio.gather(*(office.desk.book.open(office.store) for office in offices))
        rows = await offices[0].store.read(lambda session: session.exec(select(RouterEdition)).all())
        assert [(row.number, row.stage) for row in rows] == [(1, "active")]
        assert [office.desk.book.number for office in offices] == [1] * REPLICAS


async def test_a_unit_that_closes_is_noted_once_and_each_case_is_taken_once(server: Server) -> None:
    async with replicas(server) as offices:
        for office in offices:
            await office.desk.book.open(office.store)
        cases = [offices[0].received(work=place(JIANGNING)) for _ in range(250)]
        await offices[0].hear(*cases)
        texts = nanjing().routing_texts
        closed = nanjing().unit(BRIGADE).model_copy(update={"closed": True, "successor": OTHER_BRIGADE})
        changed = Texts(with_unit(texts.units, closed), texts.rules)
        book = offices[0].desk.book.read(changed)
        assert book.problems == ()
        change = partial(drafts.change_at_once, base=1, texts=changed, book=book, note="区划调整", by="chief")
        await offices[0].store.run(change)
        await asyncio.gather(*(office.desk.book.turn(office.store) for office in offices))
        assert [office.desk.book.number for office in offices] == [2] * REPLICAS
        await asyncio.gather(*(hand_over(office.store, office.desk) for office in offices))
        (closure,) = await offices[0].store.read(_closures)
        assert (closure.moved, closure.held) == (250, 0)
        decided = await offices[0].store.read(_handed_over)
        assert sorted(decided) == sorted(case.case_id for case in cases)


def _closures(session: Session) -> list[RouterClosure]:
    return list(session.exec(select(RouterClosure)).all())


def _handed_over(session: Session) -> list[UUID]:
    return list(session.exec(select(RouterDecision.case_id).where(col(RouterDecision.rule) == "unit_closed")))
