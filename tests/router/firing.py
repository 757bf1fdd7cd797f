"""A router process that only fires what is due: `python -m tests.router.firing URL`."""

import asyncio
import sys

from services.kernel.service import KERNEL
from services.kernel.store import Store
from services.kernel.surroundings import real
from services.router.handlers import HANDLERS, hear
from services.router.models import HISTORY
from services.router.rules import Desk
from services.router.signals import fire_due
from tests.router.office import nanjing


async def main(url: str) -> None:
    desk, store = Desk.of(nanjing()), Store(url, "router", (KERNEL, HISTORY), real())
    store.hearing = {
        kind: lambda event, tx, handler=handler: hear(desk, handler, event, tx)
        for kind, handler in HANDLERS.items()
    }
    await store.start()
    print("ready", flush=True)
    while True:
        await fire_due(store, desk)
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
