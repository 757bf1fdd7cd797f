"""How far a group is behind: the end of each partition less what the group has committed there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.kernel.eventlog import LogUnavailable
from services.kernel.kafka import clients
from services.kernel.kafka.contact import away
from services.kernel.kafka.endings import end_consumer
from services.kernel.kafka.settings import KafkaSettings

WITHIN: Final = 5.0  # seconds for one answer


class Backlog:
    """Two clients, made with the first question and given up with the first error."""

    def __init__(self, settings: KafkaSettings, check: Callable[[], Awaitable[tuple[int, ...]]]) -> None:
        self._settings, self._check = settings, check
        self._admin: AIOKafkaAdminClient | None = None
        self._reader: AIOKafkaConsumer | None = None
        self._partitions: list[TopicPartition] = []
        self._asking = asyncio.Lock()

    async def of(self, group: str) -> int:
        """Records that the group has not finished, as it last said. LogUnavailable."""
        async with self._asking:
            try:
                async with asyncio.timeout(WITHIN):
                    return await self._count(group)
            except BaseException as error:
                await self.close()
                if isinstance(error, KafkaError | OSError | TimeoutError):
                    raise (
                        error if isinstance(error, LogUnavailable) else away(self._settings, error)
                    ) from None
                raise

    async def close(self) -> None:
        admin, reader, self._admin, self._reader = self._admin, self._reader, None, None
        if admin is not None:
            await admin.close()
        if reader is not None:
            await end_consumer(reader)

    async def _count(self, group: str) -> int:
        if self._admin is None or self._reader is None:
            self._partitions = [TopicPartition(self._settings.topic, n) for n in await self._check()]
            self._admin, self._reader = clients.admin(self._settings), clients.reader(self._settings)
            await self._admin.start()
            await self._reader.start()
        finished = await self._finished(self._admin, group)
        first = await self._reader.beginning_offsets(self._partitions)
        ends = await self._reader.end_offsets(self._partitions)
        return sum(ends[at] - max(first[at], finished.get(at, 0)) for at in self._partitions)

    async def _finished(self, admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
        while True:
            try:
                committed = await admin.list_consumer_group_offsets(group)
                return {at: place.offset for at, place in committed.items()}
            except KafkaError as error:
                if not error.retriable:  # a new broker has no coordinator for some seconds
                    raise
                await asyncio.sleep(0.1)
