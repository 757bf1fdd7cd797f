"""A thread that takes everything queued and handles it as one group.

Used by the stores and by the embedded log: many callers wait for one commit instead of one each.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

J = TypeVar("J")


class Busy(RuntimeError):
    """The queue is full: the caller should be told to come again, instead of memory growing."""


@dataclass(slots=True)
class Job(Generic[J]):
    work: J
    future: "asyncio.Future[object] | None" = None
    result: object = None
    error: BaseException | None = None


@dataclass
class Writer(Generic[J]):
    """`handle` runs in the thread with up to `limit` jobs and fills in each job's result or error.

    `after` runs in the event loop once the group is settled, before the waiting callers go on.
    Deferred work (`later`) joins the next group, or makes one of its own after `patience` seconds.
    """

    name: str
    handle: Callable[[list[Job[J]]], None]
    after: Callable[[], None] = lambda: None
    limit: int = 64
    capacity: int = 4096
    patience: float = 0.25
    _queue: "queue.SimpleQueue[Job[J] | None]" = field(default_factory=queue.SimpleQueue)
    _deferred: list[Job[J]] = field(default_factory=list)
    _waiting: int = 0
    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    async def run(self, work: J) -> object:
        if self._waiting >= self.capacity:
            raise Busy(f"{self.name}: {self._waiting} units are waiting")
        self.flush()
        future = self._running().create_future()
        job = Job(work, future)
        self._waiting += 1
        self._queue.put(job)
        # A caller that goes away must not take its unit with it: it is queued and will commit.
        return await asyncio.shield(future)

    def later(self, work: J) -> None:
        """Let `work` join the next group. It must not fail; a crash may lose it: it must be repeatable."""
        self._deferred.append(Job(work))
        if self._timer is None:
            self._timer = self._running().call_later(self.patience, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._deferred:
            deferred, self._deferred = self._deferred, []
            for job in deferred:
                self._waiting += 1
                self._queue.put(job)

    async def close(self) -> None:
        """Finish everything queued and deferred, then end the thread."""
        if self._thread is None:
            return
        self.flush()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.sleep(0)  # let the last group's callers hear their answers
        self._thread = None

    def _run(self) -> None:
        loop, open_ = self._running(), True
        while open_:
            group: list[Job[J]] = []
            job = self._queue.get()
            while job is not None:
                group.append(job)
                if len(group) >= self.limit:
                    break
                try:
                    job = self._queue.get_nowait()
                except queue.Empty:
                    break
            open_ = job is not None
            if group:
                self.handle(group)
                loop.call_soon_threadsafe(self._settle, group)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._loop

    def _settle(self, group: list[Job[J]]) -> None:
        self._waiting -= len(group)
        self.after()
        for job in group:
            if job.future is None or job.future.cancelled():
                continue
            if job.error is not None:
                job.future.set_exception(job.error)
                job.future.exception()  # heard, even when the caller has gone away
            else:
                job.future.set_result(job.result)
