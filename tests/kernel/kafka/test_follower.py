"""Members of a group on a real Kafka: killed, coming back, slow, and dead without a word."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from services.kernel.eventlog import Record
from services.kernel.eventlog_url import open_log
from tests.kernel.event_logs import PATIENCE, assert_whole, guarded, kafka_log, record, some, take

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


@pytest.fixture
def member(kafka_url: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A process of its own in the group."""
    command = [sys.executable, "-m", "tests.kernel.kafka_member", kafka_url, "router"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


async def test_a_killed_member_is_replaced_by_another(
    kafka_url: str, member: "subprocess.Popen[bytes]"
) -> None:
    assert member.stdout is not None
    async with kafka_log(kafka_url) as log:
        await log.append([record(f"case{n}", 1) for n in range(12)])
        async with asyncio.timeout(PATIENCE):
            lines = [await asyncio.to_thread(member.stdout.readline) for _ in range(3)]
        member.kill()
        await asyncio.to_thread(member.wait)
        lines += await asyncio.to_thread(member.stdout.readlines)
        heard = [line.decode().split() for line in lines]
        assert all(seq == "1" for _, seq in heard)
        await log.append([record(f"case{n}", 2) for n in range(12)])
        follower = await log.follow("router")
        seen = [replace(record("", 1), case_id=UUID(case)) for case, _ in heard]
        async with asyncio.timeout(PATIENCE):
            while len(guarded(seen)) < 24:
                seen += await take(follower, 1)
        assert_whole(guarded(seen), cases=12, each=2)


async def test_a_member_that_comes_back_under_its_name_does_not_wait_for_its_session(kafka_url: str) -> None:
    lasting = kafka_url.replace("session=2", "session=30") + "&instance=router-1"
    async with kafka_log(lasting) as log:
        follower = await log.follow("lasting")
        await log.append([record("case", 1)])
        await take(follower, 1)
    began = time.monotonic()
    async with kafka_log(lasting) as log:
        await log.append([record("case", 2)])
        assert [one.seq for one in await take(await log.follow("lasting"), 1)] == [2]
    assert time.monotonic() - began < 10


async def test_a_rebalance_waits_for_the_batch_in_flight(kafka_url: str) -> None:
    async with kafka_log(kafka_url) as log, kafka_log(kafka_url) as other:
        first = await log.follow("router")
        await log.append([record(f"case{n}", 1) for n in range(20)])
        batch = await some(first, 20)
        epoch = first.epoch
        second = await other.follow("router")
        assert await second.fetch(50, 1.0) == []
        assert first.epoch == epoch
        await first.done(batch)
        async with asyncio.timeout(PATIENCE):
            while first.epoch == epoch:
                assert await first.fetch(50, 0.1) == []
                await first.done([])
        assert await second.fetch(50, 1.0) == []
        assert await log.lag("router") == 0


async def test_a_batch_that_takes_too_long_is_void_and_comes_again(kafka_url: str) -> None:
    async with kafka_log(kafka_url, hand_over=0.5) as log, kafka_log(kafka_url) as other:
        first = await log.follow("router")
        await log.append([record(f"case{n}", 1) for n in range(20)])
        batch = await some(first, 20)
        epoch = first.epoch
        second = await other.follow("router")
        async with asyncio.timeout(PATIENCE):
            while first.epoch == epoch:  # noqa: ASYNC110 (a consumer, too, looks at it from time to time)
                await asyncio.sleep(0.05)
        await first.done(batch)
        seen: list[Record] = []
        async with asyncio.timeout(PATIENCE):
            while len(seen) < 20:
                for follower in (first, second):
                    entries = await follower.fetch(50, 0.1)
                    seen += [entry.record for entry in entries if entry.record]
                    await follower.done(entries)
        assert_whole(seen, cases=20, each=1)


async def test_a_consumer_whose_fetching_ended_in_silence_is_replaced(kafka_url: str) -> None:
    async with kafka_log(kafka_url, silence=1.0) as log:
        follower = await log.follow("router")
        await log.append([record("case", 1)])
        await take(follower, 1)
        assert follower._consumer is not None
        follower._consumer._fetcher._fetch_task.cancel()  # as seen: then it returns {} for ever
        await asyncio.sleep(0)
        await log.append([record("case", 2)])
        assert [one.seq for one in await take(follower, 1)] == [2]


async def test_members_of_many_groups_in_one_process_do_not_disturb_each_other(kafka_url: str) -> None:
    log = await open_log(kafka_url)
    followers = [await log.follow(f"group{n}") for n in range(6)]
    await log.append([record(f"case{n}", 1) for n in range(12)])
    for taken in await asyncio.gather(*(take(follower, 12) for follower in followers)):
        assert_whole(taken, cases=12, each=1)
    await log.close()
