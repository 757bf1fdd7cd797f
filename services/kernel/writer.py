"""Work that waits is handled as one group: many callers wait for one commit instead of one each.

On one machine a group runs in the event loop, not in a thread (docs/decisions/0006). What may block for long
must therefore not be done there: a group that cannot begin now raises `Later` and is tried again while the
loop goes on.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

log_ = logging.getLogger(__name__)
J = TypeVar("J")
APART = 0.003  # seconds between two groups at least: under load this is what makes them large
FAR_APART = 0.03  # seconds between two groups at most
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

    The pause between two groups is as long as the last one took: where a group has to wait for its turn at
    the processor or at the database, larger ones are what gives everybody more of both.

    Deferred work (`later`) joins the next group, or makes one of its own after `idle` seconds.
    """

    name: str
    handle: Callable[[list[Job[J]]], Awaitable[None]]
    limit: int = 64
    capacity: int = 4096
    idle: float = 0.25
    _jobs: deque[Job[J]] = field(default_factory=deque)
    _deferred: list[Job[J]] = field(default_factory=list)
    _task: "asyncio.Task[None] | None" = None
    _timer: asyncio.TimerHandle | None = None
    _next: float = 0.0  # when the next group may begin

    async def run(self, work: J) -> object:
        if len(self._jobs) >= self.capacity:
            raise Busy(f"{self.name}: {len(self._jobs)} units are waiting")
        self._take_deferred()
        future = asyncio.get_running_loop().create_future()
        self._put(Job(work, future))
        return await future  # a caller that goes away leaves its unit in the queue, and it commits

    def later(self, work: J) -> None:
        """Let `work` join the next group. It must not fail; a crash may lose it: it must be repeatable."""
        self._deferred.append(Job(work))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.idle, self._take_deferred)

    async def close(self) -> None:
        """Finish everything queued and deferred."""
        self._take_deferred()
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    def _take_deferred(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deferred, self._deferred = self._deferred, []
        for job in deferred:
            self._put(job)

    def _put(self, job: Job[J]) -> None:
        self._jobs.append(job)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name=self.name)

    async def _drain(self) -> None:
        """At once when it was quiet; else when enough time has passed for others to join."""
        time = asyncio.get_running_loop().time
        while self._jobs:
            if (wait := self._next - time()) > 0:
                await asyncio.sleep(wait)
            group = [self._jobs.popleft() for _ in range(min(self.limit, len(self._jobs)))]
            began = time()
            await self._handle(group)
            self._next = (ended := time()) + min(max(ended - began, APART), FAR_APART)
            for job in group:
                _settle(job)

    async def _handle(self, group: list[Job[J]]) -> None:
        time = asyncio.get_running_loop().time
        until = time() + PATIENCE
        while True:
            try:
                return await self.handle(group)
            except Later:
                if time() >= until:
                    break
                await asyncio.sleep(RETRY)
            except Exception as error:  # a mistake of `handle` itself: nobody may wait for ever
                for job in group:
                    job.error = error
                return None
        for job in group:
            job.error = Busy(f"{self.name}: another process holds the database")
        return None


def _settle(job: Job[J]) -> None:
    if job.future is None and job.error is not None:
        log_.error("writer.deferred_failed", extra={"error": type(job.error).__name__})
    if job.future is None or job.future.done():
        return
    if job.error is not None:
        job.future.set_exception(job.error)
        job.future.exception()  # heard, even when the caller has gone away
    else:
        job.future.set_result(job.result)
