"""Ending a client of aiokafka even when the broker is dead.

`stop()` waits for acknowledgements, or for a coordinator, that may never come. Left alone, such a client goes
on: a consumer keeps its membership and the partitions that nobody reads, a producer sends its old batches as
soon as the broker is back. Hence the private names here; aiokafka is pinned to 0.14 for that.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

log_ = logging.getLogger(__name__)
STOP_WITHIN: Final = 1.5  # seconds for an orderly stop: a service has 5 s in all


async def end_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group and close, or give up on that and put everything out."""
    stopping = asyncio.ensure_future(consumer.stop())
    await asyncio.wait({stopping}, timeout=STOP_WITHIN)
    if stopping.done() and not stopping.cancelled() and stopping.exception() is None:
        return
    log_.warning("log.hard_stop", extra={"reason": "consumer"})
    coordinator, fetcher = consumer._coordinator, consumer._fetcher
    names = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task")
    tasks = [stopping, *(getattr(coordinator, name, None) for name in names)]
    tasks += [getattr(fetcher, "_fetch_task", None), *getattr(fetcher, "_pending_tasks", ())]
    await _put_out(tasks)
    await _within(consumer._client.close())


async def end_producer(producer: AIOKafkaProducer, *, orderly: bool) -> None:
    """Flush and close; a producer that failed (not `orderly`) is not waited for: its batches are void."""
    if orderly and await _within(producer.stop()):
        return
    sender, batches = producer._sender.sender_task, producer._message_accumulator
    await _within(producer.client.close())  # ends the requests in flight
    await _put_out([sender])
    for batch in [batch for queue in batches._batches.values() for batch in queue]:
        batch.drain_ready()  # else its exception would be reported as one that nobody looked at
        batches._pending_batches.add(batch)  # where a batch that was tried before expects to be
    batches.fail_all(KafkaConnectionError("the producer was given up"))  # else stop() waits for them
    await _within(producer.stop())


async def _within(ending: "Awaitable[object]") -> bool:
    """True if it ended well and in time."""
    task = asyncio.ensure_future(ending)
    await asyncio.wait({task}, timeout=STOP_WITHIN)
    ended = task.done()
    await _put_out([task])
    return ended and not task.cancelled() and task.exception() is None


async def _put_out(tasks: "Iterable[asyncio.Future[object] | None]") -> None:
    """Cancel until they end: some of aiokafka's tasks take the first cancellation as a request to finish."""
    for task in tasks:
        if task is None:
            continue
        for _ in range(10):
            if task.done():
                break
            task.cancel()
            await asyncio.wait({task}, timeout=0.2)
        if task.done() and not task.cancelled():
            task.exception()  # looked at: it was said where the failure began
