"""The other side of the wire, a function of ours, and the loop that delivers to it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from services.domain.events import Event
from services.kernel.delivery.worker import Deliveries
from services.kernel.messages import CallFailed, Delivery
from tests.kernel.delivery.desk import (
    Desk,
    SendTask,
    SendText,
    delivered,
    make_it_a_persons_task,
)


@dataclass
class Partner:
    """The other side: it takes every key once, as long as it is well."""

    now: Callable[[], datetime]
    ill: dict[str, CallFailed] = field(default_factory=dict)  # by destination
    slow: dict[str, asyncio.Event] = field(default_factory=dict)  # answers when set
    tries: list[Delivery] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    answers: dict[str, str | Sequence[Event]] = field(default_factory=dict)  # to questions, by key
    asked: list[str] = field(default_factory=list)
    busy: Counter[str] = field(default_factory=Counter)
    most_busy: Counter[str] = field(default_factory=Counter)

    async def take(self, delivery: Delivery) -> Sequence[Event]:
        where = delivery.destination
        self.tries.append(delivery)
        self.busy[where] += 1
        self.most_busy[where] = max(self.most_busy[where], self.busy[where])
        try:
            if where in self.slow:
                await self.slow[where].wait()
            if where in self.ill:
                raise self.ill[where]
        finally:
            self.busy[where] -= 1
        self.effects[delivery.key] += 1
        return [delivered(delivery, self.now())]

    async def ask(self, delivery: Delivery) -> str | Sequence[Event]:
        self.asked.append(delivery.key)
        return self.answers.get(delivery.key, "unknown")

    def tried(self, key: str) -> list[int]:
        return [delivery.fence for delivery in self.tries if delivery.key == key]


def deliveries(
    desk: Desk, partner: Partner, *, most: int = 64, call_timeout: float = 25.0,
    take: Callable[[Delivery], Awaitable[Sequence[Event]]] | None = None,
) -> Deliveries:  # fmt: skip
    call = take or partner.take
    return Deliveries(
        "desk", desk.store, {SendTask: call, SendText: call}, {SendText: partner.ask},
        {SendTask: make_it_a_persons_task, SendText: make_it_a_persons_task},
        max_inflight_total=most, call_timeout=call_timeout, drain=0.2,
    )  # fmt: skip


@asynccontextmanager
async def running(worker: Deliveries) -> AsyncIterator[Deliveries]:
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await task


async def pass_time(desk: Desk, worker: Deliveries, **by: float) -> None:
    """Turn the clock and let the worker see it."""
    desk.clock.forward(**by)
    worker.wake()
    await asyncio.sleep(0.15)
