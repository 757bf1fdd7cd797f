"""Outbox → event log. Fed from memory with the records just committed; the table is read only at the start,
after an error, when memory would grow too large, and when other processes have written to a shard of ours.

Records are sent in the order of their rows, every acknowledgement is awaited, then they are marked. A mark
that is lost in a crash means that the record is sent again; the consumers' guards drop it.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from uuid import UUID

from services.kernel import outbox
from services.kernel.database.shards import Shards
from services.kernel.eventlog import EventLog, Record
from services.kernel.faults import place_of
from services.kernel.store import Store

log_ = logging.getLogger(__name__)
BATCH = 500
MEMORY = 5_000  # records; above that the table is the queue
TIMEOUT = 20.0  # seconds for one batch's acknowledgements
LOOK_AGAIN = 5.0  # seconds between two looks at the table and the shards when nothing was fed
REMEMBERED = 50_000  # cases whose last number is known


class Relay:
    """One per process and store. `feed` is the store's commit hook."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.waiting: deque[Record] = deque()
        self._shards: Shards = store.database.shards(self.look_again)
        self._behind = True  # the table may hold rows that memory does not
        self._fed = asyncio.Event()
        self._untold = False  # we have written to a shard that another process relays
        self._last: OrderedDict[UUID, int] = OrderedDict()
        store.on_commit.append(self.feed)

    def wake(self) -> None:
        self._fed.set()

    def look_again(self) -> None:
        """The table holds something that memory does not."""
        self._behind = True
        self._fed.set()

    def feed(self, records: list[Record], _requests: int) -> None:
        if not records:
            return
        if self._behind or len(self.waiting) + len(records) > MEMORY or not self._mine(records):
            self._behind = True
        else:
            self.waiting.extend(records)
        self._fed.set()

    async def run(self, log: EventLog, stop: asyncio.Event) -> None:
        pause, shared_at = 0.05, float("-inf")
        time = asyncio.get_running_loop().time
        while not (stop.is_set() and not self.waiting and not self._behind):
            try:
                if time() - shared_at >= LOOK_AGAIN:
                    shared_at = time()
                    changed = await self._shards.share()
                    # Others may have died before they told us what they wrote for us.
                    self._behind |= changed or not self._shards.sole
                await self._publish(log, stop)
                pause = 0.05
            except Exception as error:
                log_.warning("relay.retry", extra={"service": self.store.service, "error": place_of(error)})
                self.waiting.clear()
                self._last.clear()
                self._behind = True
                if stop.is_set():
                    break  # what is left goes out after the next start
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
        await self._shards.close()

    async def _publish(self, log: EventLog, stop: asyncio.Event) -> None:
        if self._untold:
            self._untold = False
            await self._shards.tell()
        if not self.waiting:
            await self._refill()
        if not self.waiting:
            await self._wait(stop)
            return
        batch = [self.waiting.popleft() for _ in range(min(BATCH, len(self.waiting)))]
        async with asyncio.timeout(TIMEOUT):
            await log.append(batch)
        self.store.later(lambda tx: outbox.mark_published(tx, batch))

    async def _refill(self) -> None:
        """Read the table in a unit of the writer: every mark made before is written by then."""
        if not self._behind:
            return
        self._behind = False  # before reading: a row committed from here on is fed or sets it again
        source, shards = self.store.service, self._shards.held()
        rows = await self.store.run(lambda tx: outbox.unpublished(tx, source, MEMORY, shards))
        known = {record.id for record in rows}
        fed = [record for record in self.waiting if record.id not in known]
        self.waiting = deque(rows + fed)
        if len(rows) == MEMORY:
            self.waiting = deque(rows)
            self._behind = True
        self._remember(self.waiting)

    async def _wait(self, stop: asyncio.Event) -> None:
        self._fed.clear()
        if self.waiting or self._behind or stop.is_set():
            return
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await self._fed.wait()
        except TimeoutError:
            self._behind = True

    def _mine(self, records: list[Record]) -> bool:
        """Whether these are the next of their cases, all in shards of ours.

        Otherwise another process has written what comes before, or relays them: the table tells.
        """
        if self._shards.sole:
            return True
        held = self._shards.held()
        for record in records:
            if outbox.shard(record.case_id) not in held:
                self._untold = True
                return False
            if record.seq != self._last.get(record.case_id, 0) + 1:
                return False
            self._last[record.case_id] = record.seq
        self._forget()
        return True

    def _remember(self, records: deque[Record]) -> None:
        if not self._shards.sole:
            self._last.update((record.case_id, record.seq) for record in records)
            self._forget()

    def _forget(self) -> None:
        while len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
