"""The loop that delivers: claim in one transaction, call without one, settle in another.

Woken by the commit that opened a request, by an answer that makes room, or by the next due time; nothing is
polled while nothing is due. A slow or dead partner fills its own few places and nobody else's.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.domain.events import Event
from services.kernel.database.errors import Unsure
from services.kernel.delivery import schedule
from services.kernel.delivery.calls import Asks, Calls
from services.kernel.delivery.claim import Claim, claim
from services.kernel.delivery.expiry import let_go, recover
from services.kernel.delivery.kinds import GiveUp, Kinds
from services.kernel.eventlog import Record
from services.kernel.faults import is_transient, place_of
from services.kernel.kept import Wanted
from services.kernel.messages import Caller, Delivery, Request
from services.kernel.store import Store

log_ = logging.getLogger(__name__)
LOOK_AGAIN: Final = 5.0  # seconds between two looks when nothing wakes us
RECOVER: Final = 2.0  # seconds between two looks for processes that are gone
APART: Final = 0.02  # seconds between two claims under load: what comes meanwhile is claimed together


class Deliveries:
    """One per store. `callers` and `asks` make one remote call each; `give_ups` make an end a person's task.

    An asker answers "delivered", "absent" (it may be sent again), "unknown", or the events that a late
    success means. Seconds: `call_timeout` for one call, `drain` for calls under way at a stop; what is not
    back by then stays leased. `max_inflight` is per destination and smaller than `max_inflight_total`.
    """

    def __init__(
        self,
        name: str,
        store: Store,
        callers: Mapping[type[Request], Caller],
        asks: Asks,
        give_ups: Mapping[type[Request], GiveUp],
        *,
        max_inflight_total: int = 64,
        max_inflight: int = 4,
        call_timeout: float = 25.0,
        ask_after: timedelta = schedule.ASK_AFTER,
        arrives_within: timedelta = timedelta(0),
        drain: float = 4.0,
        looks_at: Callable[[Event], Iterable[Wanted]] | None = None,
    ) -> None:
        known = {kind.__name__: kind for kind in callers}
        asked = frozenset(kind.__name__ for kind in asks)
        self.name, self.store = name, store
        self.kinds = kinds = Kinds(known, asked, give_ups, max_inflight, ask_after, arrives_within)
        self.calls = Calls(name, store, kinds, callers, asks, call_timeout, looks_at)
        self._most, self._drain = max_inflight_total, drain
        self._recovered_at: float | None = None
        self._unsure = False  # a claim was not answered: we may hold leases that we do not know of
        self._tasks: dict[asyncio.Task[None], UUID] = {}
        self._woken = asyncio.Event()
        self._crowded: set[str] = set()
        self._full = True  # until a claim says otherwise, any answer may make room for what waits
        store.on_commit.append(self._committed)

    def wake(self) -> None:
        """Look at the ledger now. Called in the event loop."""
        self._woken.set()

    def _committed(self, _rows: list[Record], requests: int) -> None:
        if requests:
            self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop`, then let the calls under way end. May be started again after an exception."""
        stopped = asyncio.create_task(stop.wait())
        stopped.add_done_callback(lambda _: self._woken.set())
        try:
            while not stop.is_set():
                await self._pause(await self._round(), stop)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=self._drain)
            await self._abandon()
        except asyncio.CancelledError:
            await self._abandon()
            raise
        finally:
            stopped.cancel()

    async def _round(self) -> float:
        """Claim and start what is due; return the seconds until the next look."""
        self._woken.clear()
        limit = self._most - len(self._tasks)
        self._full = True
        if limit <= 0:
            return LOOK_AGAIN
        try:
            await self._recover()
            found = await self.store.run(lambda tx: claim(tx, self.kinds, limit))
        except Exception as error:
            if not is_transient(error):
                raise
            self._unsure = self._unsure or isinstance(error, Unsure)
            log_.warning("delivery.retry", extra={"service": self.name, "error": place_of(error)})
            return 1.0
        self._full, self._crowded = found.taken.total() == limit, found.crowded
        for delivery in found.sends:
            self._spawn(delivery.id, self._send(delivery))
        for delivery in found.asks:
            self._spawn(delivery.id, self._ask(delivery))
        await asyncio.gather(*(self.calls.look_at(row_id) for row_id in found.overdue))
        return self._seconds_to(found)

    def _seconds_to(self, found: Claim) -> float:
        longest = RECOVER if self.store.shared else LOOK_AGAIN
        if found.next_at is None:
            return longest
        return min(max((found.next_at - self.store.now()).total_seconds(), 0.0), longest)

    async def _recover(self) -> None:
        """What a process that is gone had under way: at the start, and every while where there are others."""
        if self._unsure:
            await self.store.run(lambda tx: let_go(tx, set(self._tasks.values())))
            self._unsure = False
        now, first = asyncio.get_running_loop().time(), self._recovered_at is None
        if first or (self.store.shared and now - (self._recovered_at or 0.0) >= RECOVER):
            await self.store.run(lambda tx: recover(tx, first=first))
            self._recovered_at = now

    async def _pause(self, seconds: float, stop: asyncio.Event) -> None:
        since = asyncio.get_running_loop().time()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        early = APART - (asyncio.get_running_loop().time() - since)
        if early > 0 and not stop.is_set():
            await asyncio.sleep(early)

    def _spawn(self, delivery: UUID, work: "Awaitable[None]") -> None:
        task = asyncio.ensure_future(work)
        self._tasks[task] = delivery
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log_.error("delivery.unsettled", extra={"service": self.name, "error": place_of(error)})
        if self._full:
            self._woken.set()

    async def _send(self, delivery: Delivery) -> None:
        """A success makes room only; everything else changes when something is due next."""
        if not await self.calls.send(delivery) or delivery.destination in self._crowded:
            self._woken.set()

    async def _ask(self, delivery: Delivery) -> None:
        await self.calls.ask(delivery)
        self._woken.set()

    async def _abandon(self) -> None:
        """What is not back stays leased and is taken back after the lease or at the next start."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
