"""Two routers on one database: what is due is said once, whoever is alive; late ones are said late, once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from services.domain.events import DeadlineMissed
from services.kernel import outbox
from services.kernel.service import KERNEL
from services.router.models import HISTORY
from services.router.signals import fire, fire_due
from tests.domain.nanjing_time import local
from tests.kernel.cells import Clock
from tests.places import Server
from tests.router.office import Office, office

CASES = 450  # more than two slices


@pytest.fixture
async def replicas(server: Server) -> AsyncIterator[list[Office]]:
    clock, url = Clock(local("2026-09-21 10:00")), server.url("router", KERNEL, HISTORY)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(office(url=url, clock=clock, seed=n)) for n in (1, 2)]


async def missed(router: Office) -> Counter[str]:
    left = await router.store.run(lambda tx: outbox.unpublished(tx, "router", 9_999))
    return Counter(str(one.case_id) for one in left if one.type == DeadlineMissed.__name__)


async def test_two_replicas_that_look_at_once_say_each_once(replicas: list[Office]) -> None:
    one = replicas[0]
    cases = [one.received() for _ in range(CASES)]
    await one.hear(*cases)
    one.clock.at = local("2026-09-30 09:00")
    await asyncio.gather(*(fire_due(router.store, router.desk) for router in (*replicas, *replicas)))
    await fire_due(one.store, one.desk)
    assert await missed(one) == Counter({str(case.case_id): 1 for case in cases})


async def test_whose_turn_it_is_not_waits_for_nobody(replicas: list[Office]) -> None:
    one, other = replicas
    case = one.received()
    await one.hear(case)
    one.clock.at = local("2026-09-30 09:00")
    connection = one.store.database._connection  # type: ignore[attr-defined]
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(4715)")
        async with asyncio.timeout(30):
            assert await other.store.run(lambda tx: fire(tx, other.desk)) == 0
    assert await other.store.run(lambda tx: fire(tx, other.desk)) == 1


async def test_a_fact_that_is_heard_while_it_falls_due_is_not_undone(replicas: list[Office]) -> None:
    """One replica hears the acceptance while the other finds that it did not come: each case ends met."""
    one, other = replicas
    cases = [one.received() for _ in range(60)]
    await one.hear(*cases)
    one.clock.at = local("2026-09-30 09:00")
    accepted = [other.hear(other.accepted(case)) for case in cases]
    await asyncio.gather(fire_due(one.store, one.desk), *accepted)
    for case in cases:
        rows = {row.clock: row for row in await one.clocks(case.case_id)}
        assert (rows["acceptance"].state, rows["acceptance"].next_at) == ("met", None)
        assert rows["investigation"].state == "running"
