"""What Kafka alone allows from Python: a record goes through four consumers, each of which sends it on.

No database, no handler: the floor below which no system on this client can get. Offsets are committed once a
second, as the services do.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.kernel.kafka import clients
from services.kernel.kafka.settings import parse
from services.kernel.kafka.topic import create_topic

HOPS: Final = 4
PARTITIONS: Final = 4
BODY: Final = b"x" * 700  # bytes: about an event
COMMIT: Final = 1.0  # seconds between two commits of a hop


async def chain(url: str, records: int) -> float:
    """Records per second, from the first that is sent to the last that arrives. `url`: kafka://host/topic."""
    urls = [f"{url}-{hop}?partitions={PARTITIONS}" for hop in range(HOPS + 1)]
    settings = [parse(one) for one in urls]
    for one in urls:
        await create_topic(one, PARTITIONS, 1)
    arrived = asyncio.Event()
    async with AsyncExitStack() as parts:
        producer = clients.producer(settings[0])
        await producer.start()
        parts.push_async_callback(producer.stop)
        hops = []
        for hop in range(HOPS + 1):
            consumer = clients.member(settings[hop], f"hop{hop}")
            consumer.subscribe([settings[hop].topic])
            await consumer.start()
            parts.push_async_callback(consumer.stop)
            onward = settings[hop + 1].topic if hop < HOPS else None
            hops.append(asyncio.create_task(_hop(consumer, producer, onward, records, arrived)))
        began = time.perf_counter()
        for first in range(0, records, 64):
            await _send(producer, settings[0].topic, min(64, records - first))
        await arrived.wait()
        seconds = time.perf_counter() - began
        for task in hops:
            task.cancel()
        await asyncio.gather(*hops, return_exceptions=True)
    return records / seconds


async def _hop(
    consumer: AIOKafkaConsumer,
    producer: AIOKafkaProducer,
    onward: str | None,
    expected: int,
    arrived: asyncio.Event,
) -> None:
    seen, committed = 0, time.monotonic()
    while True:
        found = await consumer.getmany(timeout_ms=500)
        number = sum(map(len, found.values()))
        seen += number
        if number and onward:
            await _send(producer, onward, number)
        if not onward and seen >= expected:
            arrived.set()
        if time.monotonic() - committed > COMMIT and found:
            await consumer.commit()
            committed = time.monotonic()


async def _send(producer: AIOKafkaProducer, topic: str, number: int) -> None:
    await asyncio.gather(*[await producer.send(topic, BODY) for _ in range(number)])
