"""A process that writes events of a few cases and relays them until it is killed; it prints what was
acknowledged: `python -m tests.kernel.shared.teller STORE_URL LOG_FILE SEED`."""

import asyncio
import itertools
import sys
from pathlib import Path
from uuid import UUID

from services.kernel.eventlog_sqlite import SqliteEventLog
from services.kernel.relay import Relay
from services.kernel.service import KERNEL
from services.kernel.store import Store, Tx
from tests.kernel.cells import HEARD, Heard, answer, surroundings
from tests.kernel.shared.load import CASES

LANES = 8


async def lane(store: Store, process: str, number: int) -> None:
    for n in itertools.count():
        name, case = f"{process}-{number}-{n}", CASES[(number + n) % len(CASES)]

        def unit(tx: Tx, name: str = name, case: UUID = case) -> None:
            tx.insert(Heard, case_id=case, name=name)
            tx.put(answer(case, tx))

        await store.run(unit)
        print(name, flush=True)
        await asyncio.sleep(0.004)


async def main(url: str, log_file: str, seed: str) -> None:
    log = SqliteEventLog(Path(log_file))
    await log.start()
    store = Store(url, "desk", (KERNEL, HEARD), surroundings(int(seed)))
    await store.start()
    relaying = asyncio.create_task(Relay(store).run(log, asyncio.Event()))
    await asyncio.gather(relaying, *(lane(store, seed, n) for n in range(LANES)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
