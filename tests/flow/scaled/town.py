"""A whole town on this machine: every service, simulated partners, a client's key. On files, or scaled out.

Scaled out it is `make up-scaled` with three brokers and simulators that answer at once: a process for each
service, two of the router and of the inspection adapter, nginx in front.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from services.commands.migrate import migrate_all
from services.domain.city import City
from services.kernel.kafka.topic import create_topic
from services.kernel.settings import Settings
from tests.databases import Databases
from tests.flow.evidence import Numbered, embedded_log
from tests.flow.node import Node, connect, free_port, install, settings_in, token
from tests.kernel.event_logs import kafka_log
from tests.places import Folder
from tools.real.kafka import Cluster
from tools.real.postgres import Postgres
from tools.scaled.child import Child, stop
from tools.scaled.processes import HERE, address, process, services, simulators
from tools.scaled.proxy import in_front

PARTITIONS = 12
SESSION = os.environ.get("FAULT_SESSION", "10")  # seconds until a member counts as dead; 30 in real life


@dataclass
class Town:
    """`url`: the front. `key`: a supervisor's. `districts`: official codes."""

    settings: Settings
    url: str
    partners: Child
    key: str
    districts: Sequence[str]

    def client(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10, trust_env=False)

    async def counts(self) -> Mapping[str, Mapping[str, int]]:
        """What the partners counted."""
        async with httpx.AsyncClient(trust_env=False) as http:
            found: dict[str, dict[str, int]] = (await http.get(self.partners.probe)).json()
            return found

    def rows(self, service: str, query: str) -> Sequence[tuple[object, ...]]:
        """What is committed in the service's store."""
        return Folder(self.settings.data_dir).rows(service, query)

    async def log(self) -> list[Numbered]:
        """Everything in the log, in its order."""
        return embedded_log(self.rows)


@dataclass
class ScaledTown(Town):
    """`parts`: the processes of each service."""

    kafka: Cluster = field(kw_only=True)
    databases: Databases = field(kw_only=True)
    parts: dict[str, list[Child]] = field(kw_only=True)

    @property
    def postgres(self) -> Postgres:
        return self.databases.server

    def rows(self, service: str, query: str) -> Sequence[tuple[object, ...]]:
        return self.databases.rows(f"yikou_{service}", query)

    async def log(self) -> list[Numbered]:
        found: list[Numbered] = []
        async with kafka_log(self.settings.log_url) as log:
            follower, quiet = await log.follow(f"audit-{free_port()}"), 0
            while quiet < 6 or not found:
                entries = await follower.fetch(500, 0.5)
                quiet = 0 if entries else quiet + 1
                records = [entry.record for entry in entries if entry.record]
                found += [(one.source, str(one.case_id), one.seq) for one in records]
        return found

    async def stopped(self, child: Child) -> int:
        """Ask one of our processes to end; its exit code."""
        await stop([child])
        return child.process.returncode if child.process is not None else 0

    def added(self, service: str) -> Child:
        """One more process of the service, started."""
        child = process(self.settings, service, len(self.parts[service]), free_port())
        self.parts[service].append(child)
        child.start()
        return child


@contextmanager
def embedded(folder: Path) -> Iterator[Town]:
    """One process and files."""
    units, node = list(install(folder)), Node(folder)
    settings = settings_in(folder).model_copy(update={"public_url": node.url})
    with _partners(folder, settings, units) as partners:
        node.simulators = _base(partners)
        with node.running():
            asyncio.run(node.ready(seconds=120))
            yield Town(settings, node.url, partners, _key(settings), _districts(settings))


@contextmanager
def scaled(folder: Path, brokers: int = 3) -> Iterator[ScaledTown]:
    """Everything as processes of their own. NoKafka, NoPostgres."""
    with ExitStack() as ending:
        kafka = Cluster(_made(folder / "kafka"), nodes=brokers)
        ending.callback(kafka.stop)
        kafka.begin()
        postgres = ending.enter_context(Postgres(folder / "postgres", durable=True))
        databases = ending.enter_context(Databases(postgres))
        home = _made(folder / "town")
        settings = _settings(home, kafka, postgres, units := list(install(home)))
        asyncio.run(migrate_all(settings))
        for node in kafka.nodes:
            node.wait()
        asyncio.run(create_topic(settings.log_url, PARTITIONS))
        partners = ending.enter_context(_partners(home, settings, units))
        settings = settings.model_copy(update={"sms_url": f"{_base(partners)}/sms"})
        parts = services(settings)
        ending.callback(lambda: asyncio.run(stop([child for some in parts.values() for child in some])))
        proxy = in_front(home, settings, parts)
        ending.callback(lambda: asyncio.run(stop([proxy])))
        asyncio.run(_started([proxy, *(child for some in parts.values() for child in some)]))
        yield ScaledTown(
            settings, settings.public_url, partners, _key(settings), _districts(settings),
            kafka=kafka, databases=databases, parts=parts,
        )  # fmt: skip


def _settings(home: Path, kafka: Cluster, postgres: Postgres, units: Sequence[str]) -> Settings:
    port = free_port()
    return settings_in(home).model_copy(
        update={
            "log_url": f"kafka://{kafka.bootstrap}/cases?partitions={PARTITIONS}&session={SESSION}",
            "store_url_pattern": postgres.url("yikou_{service}"),
            "port": port, "public_url": f"http://{HERE}:{port}",
            "callback_allow": "127.0.0.0/8", "log_level": "warning",
        }
    )  # fmt: skip


@contextmanager
def _partners(home: Path, settings: Settings, units: list[str]) -> Iterator[Child]:
    partners = simulators(settings, free_port(), pace="fast")
    connect(home, _base(partners), units)
    try:
        asyncio.run(_started([partners]))
        yield partners
    finally:
        asyncio.run(stop([partners]))


async def _started(children: Sequence[Child]) -> None:
    for child in children:
        child.start()
    await asyncio.gather(*(child.ready() for child in children))


def _base(partners: Child) -> str:
    return f"http://{address(partners)}"


def _key(settings: Settings) -> str:
    return asyncio.run(token(settings, "supervisor"))


def _districts(settings: Settings) -> list[str]:
    return [district.code for district in City.load(settings.city).districts]


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
