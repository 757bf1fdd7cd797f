"""A world from its seed to its end."""

import asyncio
import random

from tests.simulation.judge import judge
from tests.simulation.loop import Stuck, VirtualLoop
from tests.simulation.town import Parts
from tests.simulation.world import World


def play(seed: int, parts: Parts | None = None) -> World:
    """Run the world of this seed to its end, and look at it."""
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    try:
        world = World(seed, parts or Parts(), loop, random.Random(seed))
        try:
            loop.run_until_complete(world.run())
        except Stuck:
            world.broken.append("everything stands still")
        judge(world)
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return world
