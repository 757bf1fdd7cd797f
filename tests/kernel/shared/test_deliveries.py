"""One ledger, several processes: limits that hold for all, leases that pass on, and clocks that are wrong."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.domain.events import TaskDelivered
from services.kernel.delivery.ledger import settle_success
from services.kernel.messages import CallFailed, Delivery
from services.kernel.surroundings import Surroundings
from tests.kernel.cells import Clock, store_at, until
from tests.kernel.delivery.desk import Desk, SendTask
from tests.kernel.delivery.partner import Partner, deliveries, running
from tests.places import Server

# A server that has just come back leaves time to those who are on their way back to it.
OLD_ENOUGH = "SELECT pg_postmaster_start_time() < clock_timestamp() - interval '10 seconds'"
ROOT = Path(__file__).resolve().parents[3]


async def at(server: Server, stack: AsyncExitStack, minutes: float = 0) -> Desk:
    """A process of its own, whose wall clock is wrong by so much."""
    wrong = timedelta(minutes=minutes)
    around = Surroundings(lambda: datetime.now(UTC) + wrong, random.SystemRandom())
    desk = Desk(server, store_at(server, "desk", around), Clock())
    await desk.store.start()
    stack.push_async_callback(desk.store.close)
    return desk


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def partner() -> Partner:
    return Partner(lambda: datetime.now(UTC))


@pytest.fixture
def claimers(server: Server) -> "Iterator[list[subprocess.Popen[bytes]]]":
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def claim_elsewhere(server: Server, claimers: "list[subprocess.Popen[bytes]]") -> dict[str, int]:
    """Another process claims two deliveries and hangs; their keys and fences."""
    command = [sys.executable, "-m", "tests.kernel.shared.claimer", server.url("desk")]
    claimers.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE))
    assert claimers[-1].stdout is not None
    lines = [claimers[-1].stdout.readline().decode().split() for _ in range(2)]
    return {key: int(fence) for key, fence in lines}


async def test_a_destinations_limit_holds_for_all_processes_together(
    server: Server, stack: AsyncExitStack, partner: Partner
) -> None:
    desks = [await at(server, stack) for _ in range(3)]
    partner.slow["gulou"] = asyncio.Event()
    keys = []
    async with AsyncExitStack() as workers:
        for number, desk in enumerate(desks):
            await workers.enter_async_context(running(deliveries(desk, partner)))
            desk.keys = 100 * number
        for desk in desks:
            keys += [await desk.open("gulou") for _ in range(10)]
        await until(lambda: partner.busy["gulou"] == 4)
        await asyncio.sleep(0.5)
        partner.slow["gulou"].set()
        await until(lambda: all(partner.effects[key] for key in keys), seconds=60)
    assert partner.most_busy["gulou"] == 4
    assert set(partner.effects.values()) == {1}


async def test_what_a_killed_process_had_under_way_is_taken_over_soon_and_its_fence_is_void(
    server: Server, stack: AsyncExitStack, partner: Partner, claimers: "list[subprocess.Popen[bytes]]"
) -> None:
    desk = await at(server, stack)
    await until(lambda: server.rows("desk", OLD_ENOUGH) == [(True,)], seconds=20)
    keys = [await desk.open("gulou"), await desk.open("xuanwu")]
    fences = await asyncio.to_thread(claim_elsewhere, server, claimers)
    assert set(fences) == set(keys)
    async with running(deliveries(desk, partner)):
        await asyncio.sleep(3)
        assert partner.tries == []  # it lives, and so do its leases
        claimers[0].kill()
        began = time.monotonic()
        await until(lambda: all(partner.effects[key] for key in keys), seconds=30)
        print(f"\ntaken over {time.monotonic() - began:.1f} s after the kill")
        await until(lambda: desk.said(TaskDelivered))
    assert {delivery.key: delivery.fence for delivery in partner.tries} == dict.fromkeys(keys, 2)
    row = await desk.row(keys[0])
    dead = Delivery(
        row.id, fences[keys[0]], 1, row.lease_until,
        SendTask(case_id=row.case_id, key=row.key, destination="gulou"),
    )  # fmt: skip
    assert not await desk.store.run(lambda tx: settle_success(tx, dead, ()))
    assert [attempt.outcome for attempt in await desk.attempts(keys[0])] == ["lost", "delivered"]


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_process_whose_wall_clock_is_wrong_takes_nothing_early_and_nothing_late(
    server: Server, stack: AsyncExitStack, partner: Partner, minutes: int,
    claimers: "list[subprocess.Popen[bytes]]",
) -> None:  # fmt: skip
    right, wrong = await at(server, stack), await at(server, stack, minutes)
    held = [await right.open("gulou"), await right.open("gulou")]
    await asyncio.to_thread(claim_elsewhere, server, claimers)
    right.keys, wrong.keys = 10, 20
    async with running(deliveries(wrong, partner)):
        await asyncio.sleep(2.5)
        assert partner.tries == []  # leased for a minute by the server's clock
        partner.ill["xuanwu"] = CallFailed("http_503", status=503, retry_after=2)
        keys = [await right.open("xuanwu"), await wrong.open("xuanwu")]
        await until(lambda: len(partner.tries) == 2, seconds=5)
        partner.ill.clear()
        began = time.monotonic()
        await until(lambda: all(partner.effects[key] for key in keys), seconds=20)
        waited = time.monotonic() - began
    assert 1.0 < waited < 15
    lease = (await right.row(held[0])).lease_until
    assert timedelta(seconds=30) < lease - right.store.now() <= timedelta(seconds=60)
    assert abs(right.store.now() - wrong.store.now()) < timedelta(seconds=1)
