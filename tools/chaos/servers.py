"""The real PostgreSQL and Kafka of a campaign, and how they are broken."""

import asyncio
from dataclasses import dataclass
from typing import Final

import asyncpg

from services.commands.outbox import RATE
from services.commands.republishing import Wish, republish, stores_of
from services.kernel.database.errors import Passing
from services.kernel.eventlog import LogUnavailable
from services.kernel.eventlog_url import open_log
from services.kernel.kafka.topic import create_topic
from services.kernel.settings import Settings
from tools.real.kafka import Cluster
from tools.real.postgres import Postgres

PARTITIONS: Final = 12
_END_ALL: Final = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"""


@dataclass
class RealServers:
    """`settings`: with addresses that no proxy lies before."""

    kafka: Cluster
    postgres: Postgres
    settings: Settings

    async def database_kill(self, lasts: float) -> None:
        self.postgres.kill()
        await asyncio.sleep(lasts)
        while True:
            try:
                return await asyncio.to_thread(self.postgres.start)
            except RuntimeError:  # the last session of the old one still holds its memory
                await asyncio.sleep(0.5)

    async def sessions(self) -> int:
        try:
            connection = await asyncpg.connect(self.postgres.url(), timeout=10)
            try:
                return len(await connection.fetch(_END_ALL))
            finally:
                await connection.close(timeout=2)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            return 0  # the server is away just now: nobody has a session

    async def broker_kill(self, lasts: float) -> None:
        self.kafka.kill()
        await asyncio.sleep(lasts)
        self.kafka.start()
        await asyncio.to_thread(self.kafka.wait)

    async def broker_lost(self, lasts: float) -> int:
        """As the handbook says: an empty broker, its topic, and then everything is sent again."""
        self.kafka.kill()
        await asyncio.sleep(lasts)
        self.kafka.lose()
        self.kafka.start()
        await asyncio.to_thread(self.kafka.wait)
        await make_topic(self.settings.log_url)
        while True:
            try:
                return await self._republish()
            except (LogUnavailable, Passing):  # its way, or the database's, is broken just now
                await asyncio.sleep(1)

    async def _republish(self) -> int:
        """`yikou outbox republish --all`."""
        log = await open_log(self.settings.log_url)
        try:
            async with stores_of(self.settings) as stores:
                return (await republish(stores, log, Wish(everything=True), RATE)).records
        finally:
            await log.close()


async def make_topic(url: str) -> None:
    """A broker that has just come up, or whose way is broken, is asked again."""
    while True:
        try:
            await create_topic(url, PARTITIONS, 1)
            return
        except LogUnavailable:
            await asyncio.sleep(0.5)
