"""The real PostgreSQL and Kafka of a campaign, and how they are broken."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import asyncpg

from services.commands.installation import BUILDERS
from services.kernel import outbox
from services.kernel.eventlog import LogUnavailable
from services.kernel.kafka.topic import create_topic
from services.kernel.service import KERNEL
from services.kernel.settings import Settings
from services.kernel.store import Store
from services.kernel.surroundings import real
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
        return sum([await self._republish(service) for service in BUILDERS])

    async def _republish(self, service: str) -> int:
        since = real().now() - timedelta(days=1)
        store = Store(self.settings.store_url(service), service, (KERNEL,), real())
        await store.start(visiting=True)
        try:
            return await store.run(lambda tx: outbox.republish(tx, since))
        finally:
            await store.close()


async def make_topic(url: str) -> None:
    """A broker that has just come up, or whose way is broken, is asked again."""
    while True:
        try:
            await create_topic(url, PARTITIONS, 1)
            return
        except LogUnavailable:
            await asyncio.sleep(0.5)
