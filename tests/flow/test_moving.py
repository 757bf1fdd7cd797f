"""A city outgrows its one machine: killed in the middle of a load, moved, and carried on by many processes.

Callers go on calling all the while, the partners call back whoever answers, and both count for themselves.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest

from services.commands.migrate import databases as databases_of
from services.domain.city import City
from services.simulators.run import simulation
from tests.commands.installed import Installed, refusal
from tests.conftest import MissingPart
from tests.databases import Databases
from tests.flow import evidence
from tests.flow.callers import all_closed, body, post
from tests.flow.node import CITY, Node, connect, install, token
from tests.flow.processes import serving, settings_of
from tools.real.kafka import Cluster
from tools.scaled.proxy import nginx

CASES, AT = 150, 60  # cases in all, and how many are in when the old system is killed
DRAIN = 90.0  # seconds
TOWNS = count(1)


class Town:
    """Where the new system is."""

    def __init__(self, databases: Databases, kafka: Cluster) -> None:
        self.prefix = f"moved{next(TOWNS)}"
        self.databases = databases
        self.store_url = databases.server.url(f"{self.prefix}_{{service}}")
        self.log_url = f"kafka://{kafka.bootstrap}/{self.prefix}?partitions=6"

    def rows(self, name: str, sql: str) -> Sequence[tuple[object, ...]]:
        return self.databases.rows(f"{self.prefix}_{name}", sql)


@pytest.fixture
def town(databases: Databases, kafka: Cluster) -> Iterator[Town]:
    town = Town(databases, kafka)
    yield town
    for name, _ in databases_of():
        databases.drop(f"{town.prefix}_{name}")


class Callers:
    """`ids` of the cases that were answered, in the order of the answers."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http, self.ids = http, list[str]()
        self._districts = [district.code for district in City.load(CITY).districts]
        self._lanes = asyncio.Semaphore(8)

    async def call(self) -> None:
        await asyncio.gather(*(self._one(number) for number in range(CASES)))

    async def _one(self, number: int) -> None:
        async with self._lanes:
            self.ids.append(await post(self.http, number, body(number, self._districts)))

    async def answered(self, number: int) -> None:
        while len(self.ids) < number:  # noqa: ASYNC110 (answers are counted, not announced)
            await asyncio.sleep(0.005)


@asynccontextmanager
async def callers(url: str, key: str) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20, trust_env=False) as http:
        yield Callers(http)


@pytest.mark.timeout(300)
async def test_an_installation_killed_under_load_moves_and_goes_on_with_nothing_lost_or_doubled(
    tmp_path: Path, town: Town, missing_part: MissingPart
) -> None:
    if nginx() is None:
        missing_part("nginx", "no nginx on the PATH")
    secrets, node = install(tmp_path), Node(tmp_path)
    key = await token(tmp_path, "supervisor")
    async with (
        simulation(secrets, node.url, seed=7, state=tmp_path / "simulators.jsonl") as partners,
        callers(node.url, key) as calling,
    ):
        connect(tmp_path, partners.url, list(secrets))
        node.simulators = partners.url
        node.start()
        await node.ready()
        load = asyncio.create_task(calling.call())
        await calling.answered(AT)
        node.kill()
        before = evidence.statuses(evidence.of_files(tmp_path))
        said = await asyncio.to_thread(move, tmp_path, town)
        began = time.monotonic()
        async with serving(settings_of(tmp_path, node.port, town.store_url, town.log_url), partners.url):
            await load
            while not await all_closed(calling.http, calling.ids):
                assert time.monotonic() - began < DRAIN, "not drained"
                await asyncio.sleep(0.2)
            await asyncio.sleep(3)  # what came twice would be here by then
        print(f"\nkilled with {dict(before)}\n{said}drained {time.monotonic() - began:.1f} s after the move")
        assert sum(before.values()) >= AT > before["closed"]
        evidence.whole(town.rows, partners, calling.ids, CASES)


def move(folder: Path, town: Town) -> str:
    """As an operator would, and as one would who says it twice, or starts the old one again."""
    old, new = Installed(folder), Installed(folder, {"store_url": town.store_url, "log_url": town.log_url})
    new.run("topic", "create")
    said = new.run("migrate-data")
    assert "Everything was moved" in said
    assert "was moved before" in refusal(new.start("migrate-data"))
    assert "were moved away: started here, cases would be worked on twice" in refusal(old.start("serve"))
    return said
