"""A COMMIT whose answer is lost: the caller hears that nobody knows, and what is repeated doubles nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.domain.events import AnswerGiven, CallerInformed, TaskDelivered
from services.kernel import outbox
from services.kernel.database.errors import Unsure
from services.kernel.eventlog import Entry
from services.kernel.store import Store, Tx
from tests.kernel.cells import Clock, Heard, heard, store_at, surroundings, until
from tests.kernel.delivery.desk import Desk
from tests.kernel.delivery.partner import Partner, deliveries, running
from tests.kernel.ears import Ears, said
from tests.kernel.shared.proxy import Proxy, proxy_to
from tests.places import Server

COMMIT = b"COMMIT\0"


@pytest.fixture
async def proxy(server: Server) -> AsyncIterator[Proxy]:
    async with proxy_to(server.databases.server.port) as proxy:
        yield proxy


@pytest.fixture
def far(server: Server, proxy: Proxy) -> Server:
    """The server behind the proxy."""
    return server.by_way_of(proxy.port)


@pytest.fixture
async def store(far: Server) -> AsyncIterator[Store]:
    store = store_at(far, "desk")
    await store.start()
    yield store
    await store.close()


def write(name: str, tx: Tx) -> None:
    tx.insert(Heard, case_id=tx.new_id(), name=name)


async def test_units_whose_commit_was_not_answered_have_run_once_and_are_told_that_nobody_knows(
    store: Store, proxy: Proxy
) -> None:
    proxy.losing = COMMIT
    results = await asyncio.gather(
        *(store.run(lambda tx, n=n: write(str(n), tx)) for n in range(5)),  # type: ignore[misc]
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [Unsure] * 5
    assert proxy.lost == 1
    await store.run(lambda tx: write("next", tx))
    assert [name for _, name in await heard(store)] == ["0", "1", "2", "3", "4", "next"]


async def test_units_whose_connection_breaks_before_the_commit_run_again_and_nobody_notices(
    store: Store, proxy: Proxy
) -> None:
    proxy.losing = b"INTO heard"
    await asyncio.gather(
        *(store.run(lambda tx, n=n: write(str(n), tx)) for n in range(5))  # type: ignore[misc]
    )
    assert proxy.lost == 1
    assert [name for _, name in await heard(store)] == ["0", "1", "2", "3", "4"]


async def test_a_batch_whose_commit_was_not_answered_is_applied_once(far: Server, proxy: Proxy) -> None:
    ears = Ears(far)
    await ears.store.start()
    await ears.apply(said("a", 1))
    proxy.losing = COMMIT
    ears.store.hearing = {AnswerGiven: ears.hear}
    await ears.consumer._until_applied([Entry(0, n, said(name, n + 1)) for n, name in enumerate("abcd")])
    assert proxy.lost == 1
    assert await ears.names() == ["a", "b", "c", "d"]
    said_back = await ears.store.read(lambda look: outbox.unpublished(look, "router", 10))
    assert [(record.type, record.seq) for record in said_back] == [
        (CallerInformed.__name__, seq) for seq in range(1, 5)
    ]
    await ears.store.close()


@pytest.mark.parametrize("statement", [b"INTO attempt", b"UPDATE attempt"])
async def test_a_delivery_whose_commit_was_not_answered_reaches_the_partner_once_and_soon(
    far: Server, proxy: Proxy, statement: bytes
) -> None:
    clock = Clock()
    desk = Desk(far, store_at(far, "desk", surroundings()), clock)
    partner = Partner(desk.store.around.now)
    await desk.store.start()
    async with running(deliveries(desk, partner)):
        proxy.after, proxy.losing = statement, COMMIT
        key = await desk.open()
        await until(lambda: desk.is_in(key, "delivered"), seconds=20)
    assert proxy.lost == 1
    assert partner.effects[key] == 1
    assert len(await desk.said(TaskDelivered)) == 1
    await desk.store.close()
