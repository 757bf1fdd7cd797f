"""The event log of many machines: one topic of Apache Kafka (3.9 and 4.x), the case id as key.

At least once, in the order of a case; what comes twice is dropped by the consumers' guards, so there are no
Kafka transactions. Every client is expendable: one that fails is ended and made anew (services/kernel/kafka).
"""

import asyncio
import logging
from collections.abc import Sequence

from services.kernel.eventlog import LogUnavailable, Record
from services.kernel.kafka.appender import Appender
from services.kernel.kafka.backlog import Backlog
from services.kernel.kafka.follower import KafkaFollower
from services.kernel.kafka.settings import KafkaSettings
from services.kernel.kafka.topic import check_topic

log_ = logging.getLogger(__name__)


class KafkaEventLog:
    """A log for any number of processes, all with the same `settings.partitions`."""

    apart = 0.015  # a fetch asks the broker

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings
        self._appender = Appender(settings, self._check)
        self._backlog = Backlog(settings, self._check)
        self._followers: set[KafkaFollower] = set()

    async def start(self) -> None:
        """LogUnusable for what only a person can mend. A broker that is away is waited for, by every part."""
        try:
            await self._check()
        except LogUnavailable as error:
            log_.warning("log.away", extra={"host": self.settings.servers, "error": type(error).__name__})

    async def append(self, records: Sequence[Record]) -> None:
        await self._appender.append(records)

    async def follow(self, group: str) -> KafkaFollower:
        """Become a member of the group; the partitions come with the first fetches."""
        follower = KafkaFollower(self.settings, group, self._check)
        self._followers = {one for one in self._followers if not one.closed} | {follower}
        return follower

    async def lag(self, group: str) -> int:
        return await self._backlog.of(group)

    async def failing(self) -> str | None:
        """`log_unreachable`, `log_not_polled`, or `batch_stuck` (only a restart of the process helps)."""
        codes = [code for follower in self._followers if (code := follower.failing())]
        if "batch_stuck" in codes:
            return "batch_stuck"
        return codes[0] if codes else None if self._appender.working else "log_unreachable"

    async def close(self) -> None:
        await asyncio.gather(*(follower.close() for follower in self._followers))
        await self._appender.close()
        await self._backlog.close()

    async def _check(self) -> tuple[int, ...]:
        return await check_topic(self.settings)
