"""Processes that come, go and die under load: each event applied once, no order broken, the others go on."""

import asyncio
import time

from tests.flow.scaled.load import load
from tests.flow.scaled.town import ScaledTown

SHARED = ("router", "inspection_adapter")
FLOW_ON = 5.0  # seconds that a case takes at most while nothing is wrong; on a busy machine


async def test_replicas_added_and_killed_under_load_break_nothing(scaled_town: ScaledTown) -> None:
    async with load(scaled_town) as run:
        await asyncio.sleep(3)
        added = [scaled_town.added(service) for service in SHARED]
        await asyncio.gather(*(child.ready() for child in added))
        joined = time.monotonic()
        await asyncio.sleep(5)
        for service in SHARED:
            scaled_town.parts[service][1].kill()
        killed = time.monotonic()
        await asyncio.sleep(10)
        await run.enough()
        drained = await run.drained(killed)
        after = run.waits(since=killed)
        flowed_on = sum(wait < FLOW_ON for wait in after)
        await run.check(
            "replicas added and killed", longest_while_added=run.waits(joined, killed)[-1],
            came_after_the_kill=len(after), of_them_at_once=flowed_on, drained=drained,
        )  # fmt: skip
    assert flowed_on > 0


async def test_replicas_that_are_stopped_and_started_hand_over_at_once(scaled_town: ScaledTown) -> None:
    """As at an update: one after the other, each asked to end."""
    replaced = [scaled_town.parts[service][0] for service in SHARED]
    ends, starts = [], []
    async with load(scaled_town) as run:
        await asyncio.sleep(2)
        for child in replaced:
            began = time.monotonic()
            assert await scaled_town.stopped(child) == 0
            ends.append(time.monotonic() - began)
            began = time.monotonic()
            child.start()
            await child.ready()
            starts.append(time.monotonic() - began)
            await asyncio.sleep(2)
        await run.enough()
        await run.check(
            "replicas replaced",
            longest=await run.longest(),
            slowest_stop=max(ends),
            slowest_start=max(starts),
        )
