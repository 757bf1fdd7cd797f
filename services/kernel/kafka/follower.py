"""One member of a group: a consumer behind a small queue, made anew whenever it fails.

    keeper ─▶ session: check topic, join, getmany … ─▶ Batches.ready ─▶ fetch ─▶ caller ─▶ done ─▶ Offsets

The session runs beside the caller, so that `fetch` always returns in time: during a rebalance `getmany` waits
much longer than it was asked to, and to cancel it would switch aiokafka's own watchdog off for good. Only a
session whose consumer is about to be ended is cancelled.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.abc import ConsumerRebalanceListener

from services.kernel.eventlog import Entry
from services.kernel.kafka import clients
from services.kernel.kafka.batches import Batches
from services.kernel.kafka.endings import end_consumer
from services.kernel.kafka.envelope import entry_of
from services.kernel.kafka.offsets import Offsets
from services.kernel.kafka.pulse import Pulse
from services.kernel.kafka.settings import KafkaSettings

log_ = logging.getLogger(__name__)
POLL_MS: Final = 500
LOOK: Final = 1.0  # seconds between two looks at the pulse
PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds before a session is tried again
STUCK: Final = 300.0  # seconds in one batch; at 600 aiokafka leaves the group


class KafkaFollower:
    """`check` is awaited before a consumer is made; it raises when the topic cannot be used."""

    def __init__(self, settings: KafkaSettings, group: str, check: Callable[[], Awaitable[object]]) -> None:
        self._settings, self._group, self._check = settings, group, check
        self._loop = asyncio.get_running_loop()
        self._batches, self._offsets = Batches(), Offsets(settings.topic)
        self._pulse = Pulse(self._loop.time(), settings.silence)
        self._consumer: AIOKafkaConsumer | None = None
        self._filled, self._room, self._at_rest = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._busy_since: float | None = None
        self._closing = asyncio.Event()
        self._complained = False
        self._start_over()
        self._rest()
        self._keeper = asyncio.create_task(self._keep(), name=f"log.{group}")

    @property
    def epoch(self) -> int:
        return self._batches.epoch

    @property
    def closed(self) -> bool:
        return self._keeper.done()

    async def fetch(self, limit: int, wait: float) -> list[Entry]:
        self._rest()
        if not self._batches.ready:
            self._filled.clear()
            self._room.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._filled.wait()
        self._at_rest.clear()
        self._busy_since = self._loop.time()
        return self._batches.hand_out(limit)

    async def done(self, entries: Sequence[Entry]) -> None:
        self._batches.finish(entries)
        self._rest()
        if self._consumer is not None:
            self._offsets.save_soon(self._consumer, self._batches.finished)

    async def close(self) -> None:
        self._rest()
        self._closing.set()
        await asyncio.wait({self._keeper})

    def failing(self) -> str | None:
        """None, or a code: the caller hangs in a batch, or nothing is polled."""
        now = self._loop.time()
        if self._busy_since is not None and now - self._busy_since > STUCK:
            return "batch_stuck"
        return "log_not_polled" if self._pulse.silent(now) else None

    async def hand_back(self) -> None:
        """Our partitions go to whoever gets them next: finish the batch in flight, save, and forget."""
        self._pulse.joining(self._loop.time())
        self._batches.ready.clear()
        self._room.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.hand_over):
                await self._at_rest.wait()
        if not self._at_rest.is_set():
            log_.warning("log.handed_back_in_flight", extra={"consumer": self._group})
        if self._consumer is not None:
            await self._offsets.save_now(self._consumer, self._batches.finished)
        self._start_over()

    def take_over(self) -> None:
        """Other partitions may have become ours."""
        self._start_over()
        self._pulse.moving(self._loop.time())
        self._complained = False

    async def _keep(self) -> None:
        pause, closing = PAUSE, asyncio.ensure_future(self._closing.wait())
        while not closing.done():
            began = self._loop.time()
            session = asyncio.create_task(self._session())
            while not session.done() and not closing.done() and not self._pulse.stopped(self._loop.time()):
                await asyncio.wait({session, closing}, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
            session.cancel()
            await asyncio.wait({session})
            await self._leave()
            if closing.done():
                return
            pause = PAUSE if self._loop.time() - began > 60 else min(pause * 2, LONGEST_PAUSE)
            await asyncio.wait({closing}, timeout=pause)

    async def _session(self) -> None:
        """A consumer from its start until it fails, or is found dead."""
        self._pulse.joining(self._loop.time())
        try:
            await self._check()
            self._consumer = clients.member(self._settings, self._group)
            self._consumer.subscribe([self._settings.topic], listener=_Listener(self))
            await self._consumer.start()
            while True:
                await self._poll(self._consumer)
        except Exception as error:
            self._complain(error)

    async def _leave(self) -> None:
        """Not part of the session: what ends a consumer must not be cancelled with it."""
        if self._consumer is not None:
            await self.hand_back()
            consumer, self._consumer = self._consumer, None
            await end_consumer(consumer)

    def _complain(self, error: Exception) -> None:
        """Once, until the group has taken us in again: the broker may be away for long."""
        if not self._complained:
            about = {"consumer": self._group, "error": type(error).__name__}
            log_.warning("log.member_restarts", extra=about)
        self._complained = True

    async def _poll(self, consumer: AIOKafkaConsumer) -> None:
        """Ask the broker while the caller waits for more, and only then: what arrives meanwhile comes in one
        answer. Left alone, aiokafka asks again at once, for every record that is said: half of all the work.
        """
        if not self._room.is_set():
            self._pulse.rest()
            await self._room.wait()
            self._pulse.moving(self._loop.time())
            consumer.resume(*consumer.paused())
        found = await consumer.getmany(timeout_ms=POLL_MS)
        self._offsets.save_soon(consumer, self._batches.finished)
        if not found:
            polled = {at.partition: consumer.last_poll_timestamp(at) for at in consumer.assignment()}
            self._pulse.beat(polled, self._loop.time())
            return
        self._pulse.moving(self._loop.time())
        for at, records in found.items():
            self._batches.arrive(entry_of(at.partition, r.offset, r.value, r.headers) for r in records)
        self._filled.set()
        self._room.clear()
        consumer.pause(*consumer.assignment())

    def _rest(self) -> None:
        self._busy_since = None
        self._at_rest.set()

    def _start_over(self) -> None:
        self._batches.start_over()
        self._offsets.start_over()
        self._room.set()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, follower: KafkaFollower) -> None:
        self._follower = follower

    async def on_partitions_revoked(self, revoked: object) -> None:
        await self._follower.hand_back()

    async def on_partitions_assigned(self, assigned: object) -> None:
        self._follower.take_over()
