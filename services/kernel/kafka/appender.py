"""Appending: all records of a call are handed to one producer, then every acknowledgement is awaited.

A producer that failed is given up: it would retry for ever, or refuse everything after a gap in its sequence.
Its unacknowledged records may have been written all the same; the caller appends them again, and the
consumers' guards drop what comes twice.

So is one whose connection was cut: the broker may come back without its disk, and gives the numbers of its
producers out again from the first on. Two with one number take each other's batches for repetitions, which a
broker acknowledges and does not write.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaProducer

from services.kernel.eventlog import LogUnavailable, LogUnusable, Record
from services.kernel.kafka import clients
from services.kernel.kafka.contact import away
from services.kernel.kafka.endings import end_producer
from services.kernel.kafka.envelope import headers_of, refuse_too_large
from services.kernel.kafka.partitioning import partition_of
from services.kernel.kafka.settings import KafkaSettings

log_ = logging.getLogger(__name__)


class Appender:
    """`check` is awaited before a producer is made; it raises when the topic cannot be used."""

    def __init__(self, settings: KafkaSettings, check: Callable[[], Awaitable[object]]) -> None:
        self.settings, self._check = settings, check
        self.working = True  # the last append did not fail
        self._producer: AIOKafkaProducer | None = None
        self._making = asyncio.Lock()
        self._endings: set[asyncio.Task[None]] = set()

    async def append(self, records: Sequence[Record]) -> None:
        """RecordTooLarge; LogUnavailable, or LogUnusable if only a person can help: they may not be safe."""
        refuse_too_large(records)
        if not records:
            return
        acks: list[asyncio.Future[object]] = []
        producer: AIOKafkaProducer | None = None
        try:
            async with asyncio.timeout(self.settings.patience):
                producer = await self._ready()
                for record in records:
                    acks.append(await self._send(producer, record))
                await asyncio.gather(*acks)
        except BaseException as error:
            for ack in acks:
                ack.cancel()  # does not stop the send: the producer has to go
            self._give_up(producer)
            if not isinstance(error, Exception):
                raise
            self._say_once(error)
            if isinstance(error, LogUnavailable | LogUnusable):
                raise
            raise away(
                self.settings, error
            ) from None  # whatever aiokafka ran into: once more, with a new one
        self.working = True

    async def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await end_producer(producer, orderly=True)
        if self._endings:
            await asyncio.wait(self._endings)

    async def _ready(self) -> AIOKafkaProducer:
        async with self._making:
            if self._producer is not None:
                return self._producer
            await self._check()
            producer = clients.producer(self.settings, cut=lambda: self._give_up(producer))
            self._producer = producer
            try:
                await producer.start()
            except BaseException:
                self._give_up(producer)
                raise
            return producer

    async def _send(self, producer: AIOKafkaProducer, record: Record) -> "asyncio.Future[object]":
        ack: asyncio.Future[object] = await producer.send(
            self.settings.topic,
            record.body,
            key=str(record.case_id).encode(),
            partition=partition_of(record.case_id, self.settings.partitions),
            headers=headers_of(record),
        )
        return ack

    def _give_up(self, producer: AIOKafkaProducer | None) -> None:
        if producer is not None and self._producer is producer:
            self._producer = None
            self._end(producer)

    def _end(self, producer: AIOKafkaProducer) -> None:
        ending = asyncio.create_task(end_producer(producer, orderly=False), name="log.end_producer")
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    def _say_once(self, error: BaseException) -> None:
        if self.working:
            log_.warning("log.append_failed", extra={"error": type(error).__name__})
        self.working = False
