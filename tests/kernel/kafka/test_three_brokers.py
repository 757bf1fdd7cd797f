"""Three brokers, three copies, two of them safe: any one may die while cases come in and go out."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from services.kernel.eventlog import EventLog, Follower, LogUnavailable, Record
from services.kernel.kafka.topic import create_topic
from tests.conftest import MissingPart
from tests.kernel.event_logs import assert_whole, guarded, kafka_log, record
from tools.real.kafka import Cluster
from tools.real.kafka_jars import NoKafka

CASES, STALL = 40, 15.0  # seconds


@pytest.fixture
def brokers(missing_part: MissingPart, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    try:
        cluster = Cluster(tmp_path_factory.mktemp("brokers"), nodes=3)
    except NoKafka as why:
        missing_part("kafka", str(why))
    with cluster:
        yield cluster


class Traffic:
    """Appends one record of every case at a time, and takes what comes."""

    def __init__(self, log: EventLog, follower: Follower) -> None:
        self.log, self.follower = log, follower
        self.stop, self.written = asyncio.Event(), asyncio.Event()
        self.rounds = 0
        self.seen: list[Record] = []
        self.moments = [time.monotonic()]

    async def write(self) -> None:
        while not self.stop.is_set():
            try:
                await self.log.append([record(f"case{n}", self.rounds + 1) for n in range(CASES)])
                self.rounds += 1
            except LogUnavailable:
                await asyncio.sleep(0.2)
            await asyncio.sleep(0.02)

    async def read(self) -> None:
        while not self.written.is_set() or len(guarded(self.seen)) < CASES * self.rounds:
            entries = await self.follower.fetch(200, 0.5)
            if entries:
                self.moments.append(time.monotonic())
            self.seen += [entry.record for entry in entries if entry.record]
            await self.follower.done(entries)

    async def until(self, rounds: int) -> None:
        while self.rounds < rounds:  # noqa: ASYNC110 (rounds are counted, not announced)
            await asyncio.sleep(0.05)

    @property
    def stall(self) -> float:
        return max(later - earlier for earlier, later in zip(self.moments, self.moments[1:], strict=False))


async def test_one_broker_of_three_killed_loses_nothing_and_stalls_shortly(brokers: Cluster) -> None:
    url = f"kafka://{brokers.bootstrap}/cases?partitions=6"
    await create_topic(url, 6)
    async with kafka_log(url) as log:
        await one_broker_dies(brokers, log)


async def one_broker_dies(brokers: Cluster, log: EventLog) -> None:
    traffic = Traffic(log, await log.follow("router"))
    async with asyncio.timeout(90), asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(traffic.write())
        tasks.create_task(traffic.read())
        await traffic.until(20)
        brokers.kill(2)
        await traffic.until(60)
        traffic.stop.set()
        await writing
        traffic.written.set()
    assert traffic.stall < STALL
    print(f"\n{len(traffic.seen)} taken, {traffic.rounds * CASES} appended, stall {traffic.stall:.1f} s")
    assert_whole(guarded(traffic.seen), cases=CASES, each=traffic.rounds)
