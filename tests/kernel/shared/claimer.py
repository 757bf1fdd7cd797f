"""A process that claims what is due, says so, and then hangs: `python -m tests.kernel.shared.claimer URL`."""

import asyncio
import sys

from services.kernel.delivery.claim import claim
from services.kernel.service import KERNEL
from services.kernel.store import Store
from services.kernel.surroundings import real
from tests.kernel.cells import HEARD
from tests.kernel.delivery.desk import KINDS


async def main(url: str) -> None:
    store = Store(url, "desk", (KERNEL, HEARD), real())
    await store.start()
    found = await store.run(lambda tx: claim(tx, KINDS, 64))
    for delivery in found.sends:
        print(delivery.key, delivery.fence, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
