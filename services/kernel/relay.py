"""Outbox → event log. Fed from memory with the records just committed; the table is read only at the start,
after an error, and when memory would grow too large.

Records are sent in the order of their rows, every acknowledgement is awaited, then they are marked. A mark
that is lost in a crash means that the record is sent again; the consumers' guards drop it.
"""

import asyncio
import logging
from collections import deque

from services.kernel import outbox
from services.kernel.eventlog import EventLog, Record
from services.kernel.faults import place_of
from services.kernel.store import Store

log_ = logging.getLogger(__name__)
BATCH = 500
MEMORY = 5_000  # records; above that the table is the queue
TIMEOUT = 20.0  # seconds for one batch's acknowledgements
LOOK_AGAIN = 5.0  # seconds between two looks at the table when nothing was fed (republishing)


class Relay:
    """One per store. `feed` is the store's commit hook."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.waiting: deque[Record] = deque()
        self._behind = True  # the table may hold rows that memory does not
        self._fed = asyncio.Event()
        store.on_commit.append(self.feed)

    def wake(self) -> None:
        self._fed.set()

    def feed(self, records: list[Record], _requests: int) -> None:
        if not records:
            return
        if self._behind or len(self.waiting) + len(records) > MEMORY:
            self._behind = True
        else:
            self.waiting.extend(records)
        self._fed.set()

    async def run(self, log: EventLog, stop: asyncio.Event) -> None:
        pause = 0.05
        while not (stop.is_set() and not self.waiting and not self._behind):
            try:
                await self._publish(log, stop)
                pause = 0.05
            except Exception as error:
                log_.warning("relay.retry", extra={"service": self.store.service, "error": place_of(error)})
                self.waiting.clear()
                self._behind = True
                if stop.is_set():
                    return  # what is left goes out after the next start
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _publish(self, log: EventLog, stop: asyncio.Event) -> None:
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
        rows = await self.store.run(lambda tx: outbox.unpublished(tx, self.store.service, MEMORY))
        known = {record.id for record in rows}
        fed = [record for record in self.waiting if record.id not in known]
        self.waiting = deque(rows + fed)
        if len(rows) == MEMORY:
            self.waiting = deque(rows)
            self._behind = True

    async def _wait(self, stop: asyncio.Event) -> None:
        self._fed.clear()
        if self.waiting or self._behind or stop.is_set():
            return
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await self._fed.wait()
        except TimeoutError:
            self._behind = True
