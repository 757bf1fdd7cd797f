"""Two processes of a service that write events of the same few cases, and what must hold whatever breaks."""

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from services.kernel.database.errors import Passing
from services.kernel.eventlog import Record
from services.kernel.relay import Relay
from services.kernel.store import Store, Tx
from services.kernel.writer import Busy
from tests.kernel.cells import Heard, answer, store_at, surroundings, until
from tests.places import Server

CASES = tuple(UUID(int=n) for n in range(1, 13))
LANES = 6  # writers of each process


class Log:
    """Keeps what it is sent, in the order in which it arrives."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def append(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(0.001)
        self.records.extend(records)


@dataclass
class Load:
    """`acknowledged` are the names whose writer was told that they are safe, with the moment of it."""

    server: Server
    stores: list[Store]
    log: Log = field(default_factory=Log)
    acknowledged: dict[str, float] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)

    async def write(self, store: Store, lane: int, stop: asyncio.Event) -> None:
        """A client that writes one after the other, each once; what fails is not repeated."""
        process = self.stores.index(store)
        for number in itertools.count():
            if stop.is_set():
                return
            name, case = f"{process}-{lane}-{number}", CASES[(lane + number) % len(CASES)]

            def unit(tx: Tx, name: str = name, case: UUID = case) -> None:
                tx.insert(Heard, case_id=case, name=name)
                tx.put(answer(case, tx))

            try:
                await store.run(unit)
                self.acknowledged[name] = time.monotonic()
            except (Passing, Busy) as error:
                self.failed[type(error).__name__ + str(error)] += 1
                await asyncio.sleep(0.02)

    async def goes_on(self) -> float:
        """Wait until both processes write again; the seconds that took."""
        began = time.monotonic()
        for process in range(len(self.stores)):
            await until(lambda p=process: self.newest(p) > began, seconds=60)  # type: ignore[misc]
        return time.monotonic() - began

    def newest(self, process: int) -> float:
        names = (at for name, at in self.acknowledged.items() if name.startswith(f"{process}-"))
        return max(names, default=0.0)

    async def drained(self) -> None:
        async def all_published() -> bool:
            return self.server.rows("desk", "SELECT count(*) FROM outbox WHERE published_at IS NULL") == [
                (0,)
            ]

        await until(all_published, seconds=60)

    def check(self) -> None:
        """No acknowledged write lost, none doubled, numbers without a hole, the log in order."""
        written = Counter(str(name) for (name,) in self.server.rows("desk", "SELECT name FROM heard"))
        assert not set(self.acknowledged) - set(written)
        assert set(written.values()) <= {1}
        assert len(written) <= len(self.acknowledged) + sum(self.failed.values())
        numbers = self.server.rows(
            "desk", "SELECT case_id, count(*), min(case_seq), max(case_seq) FROM outbox GROUP BY 1"
        )
        assert all((first, last) == (1, number) for _, number, first, last in numbers)
        assert sum(int(str(number)) for _, number, *_ in numbers) == len(written)
        last: defaultdict[UUID, int] = defaultdict(int)
        for record in self.log.records:
            assert record.seq <= last[record.case_id] + 1, "a gap in the log"
            last[record.case_id] = max(last[record.case_id], record.seq)
        assert dict(last) == {case: highest for case, _, _, highest in numbers}

    def said(self) -> str:
        return (
            f"{len(self.acknowledged)} acknowledged, {dict(self.failed)} not,"
            f" {len(self.log.records)} records at the log"
        )


@asynccontextmanager
async def load(server: Server, way: Server | None = None) -> AsyncIterator[Load]:
    """Both processes write and relay until the block ends; then the rest is relayed. `way`: of the first."""
    one = store_at(way or server, "desk", surroundings(1), settings="?answer_within=1")
    stores = [one, store_at(server, "desk", surroundings(2))]
    run = Load(server, stores)
    stop, relay_stop = asyncio.Event(), asyncio.Event()
    async with AsyncExitStack() as stack:
        for store in stores:
            await store.start()
            stack.push_async_callback(store.close)
        relays = [Relay(store) for store in stores]
        relaying = [asyncio.create_task(relay.run(run.log, relay_stop)) for relay in relays]  # type: ignore[arg-type]
        writing = [
            asyncio.create_task(run.write(store, lane, stop)) for store in stores for lane in range(LANES)
        ]
        try:
            await run.goes_on()
            yield run
        finally:
            stop.set()
            await asyncio.gather(*writing)
        await run.drained()
        relay_stop.set()
        for relay in relays:
            relay.wake()
        await asyncio.gather(*relaying)
