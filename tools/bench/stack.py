"""Kafka, PostgreSQL, simulated partners and a process for each service, in a temporary folder."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from services.commands.bench_installation import CITY, Node, connect, free_port, install, settings_in, token
from services.commands.bench_line import lines
from services.commands.bench_load import cases, pass_through
from services.commands.bench_table import cpu_seconds
from services.commands.builders import BUILDERS
from services.commands.feed_lines import Case
from services.commands.feed_tally import Report
from services.commands.migrate import migrate_all
from services.domain.city import City
from services.kernel.kafka.topic import create_topic
from services.kernel.settings import Settings
from tools.bench.processor import of_tree
from tools.real.kafka import Cluster
from tools.real.postgres import Postgres

PARTITIONS: Final = 12
CONNECTIONS: Final = 16


@dataclass(frozen=True)
class Stack:
    """What is measured. `ready`: seconds until every service answered, all of them starting at once."""

    folder: Path
    kafka: Cluster
    postgres: Postgres
    nodes: Mapping[str, Node]
    settings: Settings
    key: str
    source: Iterator[Case]
    ready: float

    async def go(self, number: int, rate: float = 0.0) -> Report:
        """Post `number` cases, `rate` a second; back when every caller was told."""
        async with lines(self.nodes["intake"].url, self.key, CONNECTIONS) as opened:
            return (await pass_through(opened, islice(self.source, number), rate)).report()

    def processor(self) -> dict[str, float]:
        """Seconds of CPU so far: of the services, of PostgreSQL, of Kafka."""
        own = sum(cpu_seconds(pid) or 0.0 for pid in map(_pid, self.nodes.values()))
        kafka = sum(of_tree(pid) for pid in self.kafka.pids)
        return {"services": own, "PostgreSQL": of_tree(self.postgres.pid), "Kafka": kafka}


def _pid(node: Node) -> int:
    return node.process.pid if node.process is not None else 0


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Stack]:
    """All of it, until the block ends."""
    with ExitStack() as parts:
        kafka = parts.enter_context(Cluster(_made(folder / "kafka"), lasting=True))
        postgres = parts.enter_context(Postgres(folder / "postgres", durable=True))
        urls = {
            "YIKOU_LOG_URL": f"kafka://{kafka.bootstrap}/cases?partitions={PARTITIONS}",
            "YIKOU_STORE_URL": postgres.url("yikou_{service}"),
        }
        home = _made(folder / "yikou")
        units = list(install(home))
        settings = settings_in(home).model_copy(
            update={"log_url": urls["YIKOU_LOG_URL"], "store_url_pattern": urls["YIKOU_STORE_URL"]}
        )
        await migrate_all(settings)
        await create_topic(settings.log_url, PARTITIONS, 1)
        nodes = {name: _node(home, name, urls) for name in BUILDERS}
        partners = _partners(home, nodes["inspection_adapter"])
        connect(home, partners.url, units)
        for node in nodes.values():
            node.simulators = partners.url
        parts.enter_context(partners.running())
        await partners.ready()
        began = time.perf_counter()
        for node in nodes.values():
            parts.enter_context(node.running())
        for node in nodes.values():
            await node.ready()
        ready = time.perf_counter() - began
        source = cases([district.code for district in City.load(CITY).districts])
        key = await token(settings, "machine", "bench")
        yield Stack(folder, kafka, postgres, nodes, settings, key, source, ready)


def alone(stack: Stack, arguments: Sequence[str], name: str) -> Node:
    """One more process on the same databases."""
    return _node(stack.folder / "yikou", name, stack.nodes["intake"].extra, arguments)


def _node(home: Path, name: str, urls: Mapping[str, str], arguments: Sequence[str] = ()) -> Node:
    return Node(home, arguments=tuple(arguments) or ("services", "serve", name), name=name, extra=urls)


def _partners(home: Path, adapter: Node) -> Node:
    port = free_port()
    arguments = "services.simulators", "--keyring", str(home / "keyring.json"), "--yikou", adapter.url
    return Node(
        home, port=port, name="simulators", readiness="/_counts", arguments=(*arguments, "--port", str(port))
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
