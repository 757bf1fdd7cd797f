"""Kafka loses its disk while cases come in: the outboxes fill a new log, and each event is applied once."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.simulators.run import simulation
from tests.commands.installed import Installed
from tests.conftest import MissingPart
from tests.databases import Databases
from tests.flow import evidence
from tests.flow.callers import callers
from tests.flow.node import Node, connect, install
from tests.flow.town import Town
from tools.real.kafka import Cluster
from tools.real.kafka_jars import NoKafka

CASES, AT = 120, 50  # cases in all, and how many are in when the disk is lost
DRAIN = 90.0  # seconds


@pytest.fixture
def fragile(missing_part: MissingPart, tmp_path: Path) -> Iterator[Cluster]:
    """A Kafka of this test alone."""
    try:
        cluster = Cluster(tmp_path / "kafka-of-its-own")
    except NoKafka as why:
        missing_part("kafka", str(why))
    with cluster:
        yield cluster


def lose_everything(kafka: Cluster) -> None:
    """SIGKILL, and an empty disk in the place of the old one; nothing listens."""
    kafka.kill()
    shutil.rmtree(kafka.nodes[0].folder / "data")


@asynccontextmanager
async def serving(home: Installed, node: Node) -> AsyncIterator[None]:
    process = home.start("serve", "all", port=str(node.port), sms_url=f"{node.simulators}/sms")
    try:
        await node.ready(60)
        yield
    finally:
        process.terminate()
        await asyncio.to_thread(process.communicate)


@pytest.mark.timeout(300)
async def test_what_a_lost_broker_took_with_it_is_published_again_and_applied_once(
    tmp_path: Path, fragile: Cluster, databases: Databases
) -> None:
    town = Town(databases, fragile)
    (folder := tmp_path / "town").mkdir()
    secrets, node = install(folder), Node(folder)
    home = Installed(folder, {"store_url": town.store_url, "log_url": town.log_url})
    for command in (("migrate",), ("topic", "create")):
        await asyncio.to_thread(home.run, *command)
    key = (
        await asyncio.to_thread(home.run, *["token", "create", "--role", "supervisor", "--name", "t"])
    ).strip()
    async with (
        simulation(secrets, node.url, seed=11) as partners,
        callers(node.url, key, CASES) as calling,
    ):
        connect(folder, partners.url, list(secrets))
        node.simulators = partners.url
        async with serving(home, node):
            load = asyncio.create_task(calling.call())
            await calling.answered(AT)
            lose_everything(fragile)
            await calling.answered(AT + 30)  # a caller does not notice
            said = await asyncio.to_thread(recover, fragile, home)
            await load
            await calling.all_closed(DRAIN)
            last = await asyncio.to_thread(home.run, "outbox", "republish")
        print(f"\n{said}{last}")
        assert "0 events of 0 cases were published again" in last
        evidence.whole(town.rows, partners, calling.ids, CASES)
    town.close()


def recover(kafka: Cluster, home: Installed) -> str:
    """As docs/operate.md says it."""
    kafka.begin()
    kafka.wait()
    home.run("topic", "create")
    return home.run("outbox", "republish", "--rate", "200")
