"""Work that waits is handled as one group: many callers wait for one commit instead of one each.

The group runs in the event loop, not in a thread: between two threads every SQLite call gives the interpreter
away and must wait to get it back, which measured at three times the time of the work itself
(docs/decisions/0006). What may block for long must therefore not be done here: a group that cannot begin now
raises `Later` and is tried again while the loop goes on.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

J = TypeVar("J")
APART = 0.003  # seconds between two groups: under load this is what makes them large
RETRY = 0.02  # seconds before a group that could not begin is tried again
PATIENCE = 10.0  # seconds after which its callers are told


class Busy(RuntimeError):
    """The queue is full, or the database is held by another process for too long: come again."""


class Later(RuntimeError):
    """The group could not begin; nothing of it has happened."""


@dataclass(slots=True)
class Job(Generic[J]):
    work: J
    future: "asyncio.Future[object] | None" = None
    result: object = None
    error: BaseException | None = None


@dataclass
class Writer(Generic[J]):
    """`handle` gets up to `limit` jobs and fills in each job's result or error, or raises Later.

    `after` runs once the group is settled, before the waiting callers go on. Deferred work (`later`) joins
    the next group, or makes one of its own after `idle` seconds.
    """

    name: str
    handle: Callable[[list[Job[J]]], None]
    after: Callable[[], None] = lambda: None
    limit: int = 64
    capacity: int = 4096
    idle: float = 0.25
    _jobs: deque[Job[J]] = field(default_factory=deque)
    _deferred: list[Job[J]] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop | None = None
    _drain: asyncio.Handle | None = None
    _timer: asyncio.TimerHandle | None = None
    _ended: float = 0.0
    _refused_since: float | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()

    async def run(self, work: J) -> object:
        if len(self._jobs) >= self.capacity:
            raise Busy(f"{self.name}: {len(self._jobs)} units are waiting")
        self._take_deferred()
        future = self._running().create_future()
        self._put(Job(work, future))
        # A caller that goes away must not take its unit with it: it is queued and will commit.
        return await asyncio.shield(future)

    def later(self, work: J) -> None:
        """Let `work` join the next group. It must not fail; a crash may lose it: it must be repeatable."""
        self._deferred.append(Job(work))
        if self._timer is None:
            self._timer = self._running().call_later(self.idle, self._take_deferred)

    async def close(self) -> None:
        """Finish everything queued and deferred."""
        self._take_deferred()
        while self._jobs:  # noqa: ASYNC110 (the queue empties itself)
            await asyncio.sleep(RETRY)

    def _take_deferred(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deferred, self._deferred = self._deferred, []
        for job in deferred:
            self._put(job)

    def _put(self, job: Job[J]) -> None:
        self._jobs.append(job)
        if self._drain is None:
            self._drain = self._schedule()

    def _schedule(self) -> asyncio.Handle:
        """At once when it was quiet; else when enough time has passed for others to join."""
        loop = self._running()
        wait = self._ended + APART - loop.time()
        return loop.call_later(wait, self._next) if wait > 0 else loop.call_soon(self._next)

    def _next(self) -> None:
        group = [self._jobs.popleft() for _ in range(min(self.limit, len(self._jobs)))]
        try:
            self.handle(group)
        except Later:
            if self._wait_longer():
                self._jobs.extendleft(reversed(group))
                self._drain = self._running().call_later(RETRY, self._next)
                return
            for job in group:
                job.error = Busy(f"{self.name}: another process holds the database")
        self._refused_since = None
        self._ended = self._running().time()
        self._drain = self._schedule() if self._jobs else None
        self._settle(group)

    def _wait_longer(self) -> bool:
        now = self._running().time()
        if self._refused_since is None:
            self._refused_since = now
        return now - self._refused_since < PATIENCE

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._loop

    def _settle(self, group: list[Job[J]]) -> None:
        self.after()
        for job in group:
            if job.future is None or job.future.done():
                continue
            if job.error is not None:
                job.future.set_exception(job.error)
                job.future.exception()  # heard, even when the caller has gone away
            else:
                job.future.set_result(job.result)
