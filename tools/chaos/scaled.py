"""The scaled-out stack: Kafka, PostgreSQL, a process for each service (some twice), nginx in front."""

import asyncio
import contextlib
import logging
import random
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.commands.bench_installation import connect, install
from services.commands.builders import BUILDERS
from services.commands.installation import NotPossible
from services.commands.migrate import migrate_all
from services.kernel.eventlog import LogUnavailable, LogUnusable, Record
from services.kernel.kafka import clients
from services.kernel.kafka.appender import Appender
from services.kernel.kafka.envelope import entry_of
from services.kernel.kafka.settings import parse
from services.kernel.kafka.topic import check_topic
from services.kernel.settings import Settings
from tools.chaos.history import Row
from tools.chaos.network import HERE, Way, way_to
from tools.chaos.servers import PARTITIONS, RealServers, make_topic
from tools.chaos.stack import SERVE, Built, Servers
from tools.real.kafka import Cluster
from tools.real.postgres import Postgres
from tools.scaled.child import Child, stop
from tools.scaled.machine import lacks
from tools.scaled.processes import address, services
from tools.scaled.proxy import configure

EMPTY: Final = ("", "", "", "", 0)


class Scaled:
    """Every process but the servers' is a child; nginx is one that is never a target."""

    name = "scaled"

    def __init__(self, folder: Path, front: int, settings: Settings, sms: str, servers: RealServers) -> None:
        self.data, self.front = folder / "data", front
        self.servers: Servers | None = servers
        self._postgres = servers.postgres
        self._opened: dict[str, asyncpg.Connection] = {}
        self._looking = asyncio.Lock()
        self._settings, self._kafka = settings, parse(settings.log_url)
        own = {"YIKOU_SMS_URL": f"{sms}/sms", "CHAOS_BUG": str(folder / "bug")}
        found = services(settings)
        self.children: Mapping[str, Child] = {
            child.name: replace(
                child, folder=folder, command=[child.command[0], "-m", SERVE, service],
                environment={**(child.environment or {}), **own},
            )
            for service, replicas in found.items() for child in replicas
        }  # fmt: skip
        at = {name: [address(child) for child in replicas] for name, replicas in found.items()}
        command = configure(folder / "proxy", f"{HERE}:{front}", at)
        self._proxy = Child("nginx", command, folder, f"http://{HERE}:{front}/healthz")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        children = [self._proxy, *self.children.values()]
        try:
            for child in children:
                child.start()
            yield
        finally:
            for connection in self._opened.values():
                connection.terminate()
            await stop(children)

    async def select(self, service: str, query: str) -> Sequence[Sequence[object]]:
        try:
            async with self._looking:
                if service not in self._opened or self._opened[service].is_closed():
                    url = self._postgres.url(f"yikou_{service}")
                    self._opened[service] = await asyncpg.connect(url, timeout=10)
                return [tuple(row) for row in await self._opened[service].fetch(query, timeout=30)]
        except (asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            raise ConnectionError(str(error)) from None

    async def records(self) -> list[Row]:
        found: list[Row] = []
        reader: AIOKafkaConsumer = clients.reader(self._kafka)
        await reader.start()
        try:
            places = [TopicPartition(self._kafka.topic, number) for number in range(PARTITIONS)]
            reader.assign(places)
            await reader.seek_to_beginning(*places)
            ends = await reader.end_offsets(places)
            while any([await reader.position(at) < ends[at] for at in places]):
                for at, records in (await reader.getmany(timeout_ms=500)).items():
                    found += [_row(at.partition, r.offset, r.value, r.headers) for r in records]
        finally:
            await reader.stop()
        return found

    async def offsets(self) -> dict[str, int]:
        admin, found = clients.admin(self._kafka), {}
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(5):
                await admin.start()
                for group in BUILDERS:
                    for at, place in (await admin.list_consumer_group_offsets(group)).items():
                        found[f"{group} {at.partition}"] = int(place.offset)
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            await admin.close()
        return found

    async def poison(self, mode: str, chance: int) -> None:
        drawn = random.Random(chance)
        case, identity = (uuid.UUID(int=drawn.getrandbits(128), version=4) for _ in range(2))
        at, body = "2026-01-01T00:00:00+00:00", b'{"not": "it"}'
        record = Record(str(identity), "CaseReceived", "stranger", case, 1, at, body)
        while True:
            # LogUnusable: the broker was just lost, and its topic is not there again yet (seed 5).
            with contextlib.suppress(KafkaError, OSError, TimeoutError, LogUnavailable, LogUnusable):
                return await (self._bytes(record) if mode == "bytes" else self._append(record))
            await asyncio.sleep(0.5)

    async def _append(self, record: Record) -> None:
        appender = Appender(self._kafka, lambda: check_topic(self._kafka))
        try:
            await appender.append([record])
        finally:
            await appender.close()

    async def _bytes(self, record: Record) -> None:
        producer = clients.producer(self._kafka)
        try:
            async with asyncio.timeout(15):
                await producer.start()
                await producer.send_and_wait(self._kafka.topic, b"\x00\xff", key=record.id.encode())
        finally:
            await producer.stop()


def _row(partition: int, offset: int, value: bytes, headers: Sequence[tuple[str, bytes]]) -> Row:
    record = entry_of(partition, offset, value, headers).record
    told = EMPTY if record is None else (
        record.id, record.type, record.source, str(record.case_id), record.seq
    )  # fmt: skip
    names = ("id", "type", "source", "case_id", "seq")
    body = sha256(value or b"").hexdigest()[:16]
    return {"partition": partition, "offset": offset, **dict(zip(names, told, strict=True)), "body": body}


@asynccontextmanager
async def scaled(folder: Path, front: int, partners: str) -> AsyncIterator[Built]:
    """Servers, tables, topic and configuration, a proxy before both servers. NotPossible: what is missing."""
    if missing := lacks():
        raise NotPossible("\n".join(missing))
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it says every failed attempt
    async with AsyncExitStack() as ending:
        data = folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        secrets = install(data)
        connect(data, partners, list(secrets))
        (kafka_folder := folder / "kafka").mkdir()
        kafka = Cluster(kafka_folder, asked=False)
        ending.callback(kafka.stop)
        log_way: Way = await ending.enter_async_context(way_to(kafka.nodes[0].clear))
        kafka.nodes[0].advertised = log_way.port
        kafka.begin()
        postgres = ending.enter_context(Postgres(folder / "postgres", durable=True, kept=True))
        store_way: Way = await ending.enter_async_context(way_to(postgres.port))
        direct = Settings.read(
            data_dir=data, host=HERE, port=front, city=data / "city", log_level="warning",
            log_url=f"kafka://{HERE}:{log_way.port}/cases?partitions={PARTITIONS}&session=6",
            store_url_pattern=postgres.url("yikou_{service}"), sms_url=f"{partners}/sms",
            keyring=data / "keyring.json", partners=data / "partners.json", calendar=data / "calendar",
            public_url=f"http://{HERE}:{front}", callback_allow="127.0.0.0/8",
        )  # fmt: skip
        await migrate_all(direct)
        await asyncio.to_thread(kafka.wait)
        await make_topic(direct.log_url)
        by_way = direct.store_url_pattern.replace(f":{postgres.port}/", f":{store_way.port}/")
        servers = RealServers(kafka, postgres, direct)
        system = Scaled(
            folder, front, direct.model_copy(update={"store_url_pattern": by_way}), partners, servers
        )
        yield Built(system, direct, secrets, {"kafka": log_way, "postgres": store_way})
