"""A running service: its consumer, relay, deliveries and housekeeping, started and stopped together."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from services.kernel import outbox
from services.kernel.alarms import RULES, Alarms
from services.kernel.consume import Consumer
from services.kernel.delivery.worker import Deliveries
from services.kernel.eventlog import EventLog
from services.kernel.faults import is_transient, place_of
from services.kernel.relay import Relay
from services.kernel.replay import replay_due
from services.kernel.service import Service
from services.kernel.waiting import until_there

log_ = logging.getLogger(__name__)
KEEP = timedelta(days=14)
AWAY = 1.0  # seconds before a loop whose database is away looks again
STOP_WITHIN = 5.0  # seconds that work in flight gets at a graceful stop


class Cell:
    """Starts store, relay, deliveries, consumer; stops in reverse, so that nothing in flight is lost.

    `keep`: how long published outbox rows stay, as long as the topic keeps its records.
    """

    def __init__(self, service: Service, log: EventLog, keep: timedelta = KEEP) -> None:
        self.service, self.log, self._kept_for = service, log, keep
        service.store.hearing = service.handlers
        self.relay = Relay(service.store)
        self.consumer = Consumer(service)
        self.deliveries = Deliveries(
            service.name, service.store, service.callers, service.asks, service.give_ups,
            max_inflight=service.max_inflight, arrives_within=service.arrives_within,
            looks_at=service.looks_at,
        )  # fmt: skip
        self.alarms = Alarms(RULES)
        self.restarts = 0  # loops that failed and were started again: shown by /readyz and as a metric
        self._stop, self._relay_stop = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._relay_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        name = self.service.name
        for begin in (self.service.store.start, *self.service.opening):
            await until_there(begin, name)
        self._relay_task = self._spawn("relay", partial(self.relay.run, self.log, self._relay_stop))
        if self.service.callers:
            self._tasks.append(self._spawn("deliveries", partial(self.deliveries.run, self._stop)))
        if self.service.handlers:
            self._tasks.append(self._spawn("consumer", partial(self.consumer.run, self.log, self._stop)))
            self._tasks.append(self._every(1.0, partial(replay_due, self.consumer)))
        self._tasks.append(self._every(20.0, self._prune))
        for pause, loop in self.service.loops:
            self._tasks.append(self._every(pause, loop))
        log_.info("service.started", extra={"service": name})

    async def stop(self) -> None:
        """Finish what is in flight, publish what is committed, and close the store."""
        self._stop.set()
        self.deliveries.wake()
        await _finish(self._tasks)
        self._relay_stop.set()
        self.relay.wake()
        if self._relay_task is not None:
            await _finish([self._relay_task])
        for close in self.service.closing:
            await close()
        await self.service.store.close()

    async def failing(self) -> str | None:
        """For /readyz: None, or a code of what is not in order."""
        tasks = [*self._tasks, *([self._relay_task] if self._relay_task else [])]
        return "loop_ended" if any(task.done() for task in tasks) else None

    def _every(self, pause: float, loop: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        async def rounds() -> None:
            while not self._stop.is_set():
                await loop()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._stop.wait()

        return self._spawn(getattr(loop, "__name__", "loop"), rounds)

    def _spawn(self, name: str, work: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        return asyncio.create_task(self._keep(name, work), name=f"{self.service.name}.{name}")

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Start a loop again when it fails: a bug in one round must not silence a service.

        What the database or the log cannot do now is no bug, and not counted as one.
        """
        while True:
            try:
                return await work()
            except Exception as error:
                if is_transient(error) and not self._stop.is_set():
                    log_.warning("loop.retry", extra={"service": self.service.name, "loop": name})
                    await asyncio.sleep(AWAY)
                    continue
                self.restarts += 1
                about = {"service": self.service.name, "loop": name, "error": place_of(error)}
                log_.error("loop.failed", extra=about)
                if self._stop.is_set():
                    return None
                await asyncio.sleep(min(0.1 * 2 ** min(self.restarts, 6), 5.0))

    async def _prune(self) -> None:
        await self.service.store.run(lambda tx: outbox.prune(tx, self._kept_for, 2_000))


async def _finish(tasks: "list[asyncio.Task[None]]") -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
