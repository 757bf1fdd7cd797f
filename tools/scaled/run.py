"""The order of things: Kafka and PostgreSQL, tables and topic, the services, nginx, the demo's company.

async with running(settings, tell) as stack:
    await stack.watch()
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.commands.demo import prepare, samples, welcome
from services.commands.demo_people import people
from services.commands.installation import NotPossible, create_keyring
from services.commands.migrate import migrate_all
from services.commands.people import with_store
from services.kernel.kafka.topic import create_topic
from services.kernel.settings import Settings
from services.kernel.surroundings import real
from tools.real.kafka import Cluster
from tools.real.postgres import NoPostgres, Postgres
from tools.scaled.child import Child, stop
from tools.scaled.processes import HERE, address, free_ports, services, simulators
from tools.scaled.proxy import in_front

PARTITIONS: Final = 12
EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 (compared with, not listened on)
PAUSE: Final = 2.0  # seconds before a process that ended is started again
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """What runs; every child is started again when it ends, as an orchestrator would."""

    settings: Settings
    kafka: Cluster
    postgres: Postgres
    children: Sequence[Child]
    tell: Tell

    async def watch(self) -> None:
        """For ever. NotPossible: Kafka or PostgreSQL ended."""
        while True:
            gone = ["Kafka"] * self.kafka.nodes[0].ended + ["PostgreSQL"] * self.postgres.ended
            if gone:
                where = f"{self.settings.data_dir}/{gone[0].lower()}"
                raise NotPossible(f"{gone[0]} 意外结束，见 {where}。/ {gone[0]} ended; see {where}.")
            for child in [child for child in self.children if child.ended]:
                self.tell(f"{child.name} 已结束，重新启动。/ {child.name} ended and is started again.")
                await asyncio.sleep(PAUSE)
                child.start()
            await asyncio.sleep(0.5)


@asynccontextmanager
async def running(base: Settings, tell: Tell) -> AsyncIterator[Stack]:
    """Everything, until the block ends; `base`: where it listens, and the city. NotPossible."""
    folder, began = folder_of(base), time.monotonic()
    shutil.rmtree(folder / "logs", ignore_errors=True)
    async with AsyncExitStack() as ending:
        tell("Kafka, PostgreSQL …")
        kafka = Cluster(_made(folder / "kafka"), kept=True)
        ending.callback(kafka.stop)
        with _begun("Kafka"):
            kafka.begin()
        with _begun("PostgreSQL"):
            postgres = ending.enter_context(Postgres(folder / "postgres", durable=True, kept=True))
        settings = settings_of(base, folder, kafka, postgres)
        await _tables_and_topic(settings, kafka)
        tell("服务 services …")
        parts, partners = services(settings), _company(settings)
        children = [partners, *(child for replicas in parts.values() for child in replicas)]
        await _start(ending, children)
        proxy = in_front(folder, settings, parts)
        await _start(ending, [proxy])
        await _people(ending, settings)
        _processes(folder, parts, time.monotonic() - began)
        yield Stack(settings, kafka, postgres, [*children, proxy], tell)


def folder_of(base: Settings) -> Path:
    """Beside the data of `make up`: data-scaled."""
    return base.data_dir.with_name(f"{base.data_dir.name}-scaled").resolve()


def settings_of(base: Settings, folder: Path, kafka: Cluster, postgres: Postgres) -> Settings:
    host = HERE if base.host in EVERYWHERE else base.host
    return Settings.read(
        data_dir=folder, host=base.host, port=base.port, city=base.city, log_level="warning",
        log_url=f"kafka://{kafka.bootstrap}/cases?partitions={PARTITIONS}",
        store_url_pattern=postgres.url("yikou_{service}"), sms_url=f"file:///{folder}/sms",
        keyring=folder / "keyring.json", partners=folder / "partners.json", calendar=folder / "calendar",
        public_url=f"http://{host}:{base.port}", callback_allow="127.0.0.0/8",
    )  # fmt: skip


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _tables_and_topic(settings: Settings, kafka: Cluster) -> None:
    await migrate_all(settings)
    with _begun("Kafka"):
        await asyncio.to_thread(kafka.wait)
    await create_topic(settings.log_url, PARTITIONS, 1)


def _company(settings: Settings) -> Child:
    """The demo's partners, with their secrets and addresses written down for the services."""
    if not settings.keyring.exists():
        create_keyring(settings.keyring)
    [port] = free_ports(1)
    prepare(settings, f"http://{HERE}:{port}")
    return simulators(settings, port)


async def _start(ending: AsyncExitStack, children: Sequence[Child]) -> None:
    ending.push_async_callback(stop, children)
    for child in children:
        child.start()
    await asyncio.gather(*(child.ready() for child in children))


async def _people(ending: AsyncExitStack, settings: Settings) -> None:
    made = await with_store(settings, lambda store: people(store, real(), settings.data_dir))
    welcome(settings.public_url, made, "make up-scaled")
    feeding = asyncio.create_task(samples(settings.city, settings.public_url, made.token))
    ending.callback(feeding.cancel)


def _processes(folder: Path, parts: Mapping[str, Sequence[Child]], seconds: float) -> None:
    ports = "  ".join(
        f"{name} {' '.join(address(child).split(':')[1] for child in on)}" for name, on in parts.items()
    )
    print(f"进程 processes {ports}（127.0.0.1，/readyz、/metrics）")
    print(f"日志 logs      {folder / 'logs'}    就绪 ready in {seconds:.1f} s\n", flush=True)


@contextmanager
def _begun(what: str) -> Iterator[None]:
    """What the program itself said when it did not start."""
    try:
        yield
    except NoPostgres:
        raise
    except RuntimeError as said:
        raise NotPossible(f"{what} 没有启动。/ {what} did not start.\n{said}") from None
