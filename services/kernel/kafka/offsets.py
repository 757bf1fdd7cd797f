"""Where a restart of a member would begin. Advisory: the truth is in the consumers' tables.

A commit that is late, lost or refused costs a redelivery, so it is never waited for on the way of records:
one at a time, at most once a second, with a timeout, with explicit offsets of finished records only.
"""

import asyncio
import logging
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

log_ = logging.getLogger(__name__)
EVERY: Final = 1.0  # seconds between two commits
WITHIN: Final = 1.5  # seconds for one


class Offsets:
    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._saved: dict[int, int] = {}
        self._due = 0.0
        self._saving: asyncio.Task[None] | None = None

    def save_soon(self, consumer: AIOKafkaConsumer, finished: dict[int, int]) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._due and self._saving is None and (new := self._new(finished)):
            self._due = now + EVERY
            self._saving = asyncio.create_task(self._commit(consumer, new), name="log.commit")
            self._saving.add_done_callback(self._done)

    async def save_now(self, consumer: AIOKafkaConsumer, finished: dict[int, int]) -> None:
        """Before the partitions go to another member, and at the end."""
        await self.stop()
        if new := self._new(finished):
            await self._commit(consumer, new)

    async def stop(self) -> None:
        """A commit under way must not end under the next share-out of the partitions."""
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.wait({self._saving})

    def start_over(self) -> None:
        self._saved.clear()

    def _new(self, finished: dict[int, int]) -> dict[int, int]:
        return {part: offset for part, offset in finished.items() if self._saved.get(part) != offset}

    async def _commit(self, consumer: AIOKafkaConsumer, offsets: dict[int, int]) -> None:
        """Nothing by who is no member now: a broker takes that from anybody. One that has lost its data would
        begin its new log at places of the old one, and the group would never hear what stands before them.
        """
        if consumer._coordinator.generation < 0:
            return
        try:
            places = {
                TopicPartition(self._topic, part): OffsetAndMetadata(offset, "")
                for part, offset in offsets.items()
            }
            async with asyncio.timeout(WITHIN):
                # One attempt: commit() would go on trying, and try under the next generation of the group.
                await consumer._coordinator._do_commit_offsets(None, places)
            self._saved.update(offsets)
        except (KafkaError, TimeoutError) as error:
            log_.info("log.commit_failed", extra={"error": type(error).__name__})

    def _done(self, _task: "asyncio.Task[None]") -> None:
        self._saving = None
