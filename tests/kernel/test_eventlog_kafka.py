"""What can go wrong with Kafka: the broker away, killed or frozen, members killed or slow."""

import asyncio
import time

import pytest

from services.kernel.eventlog import EventLog, LogUnavailable, Record, RecordTooLarge
from tests.kernel.event_logs import PATIENCE, assert_whole, guarded, kafka_log, record, some, take
from tools.real.kafka import Cluster

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


async def append_until_safe(log: EventLog, *records: Record) -> None:
    """As a relay does: again and again, the same records."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await log.append(records)
            except LogUnavailable:
                await asyncio.sleep(0.2)


async def test_a_killed_broker_fails_an_append_in_time_and_loses_nothing(
    kafka: Cluster, kafka_url: str
) -> None:
    async with kafka_log(kafka_url, patience=1.5) as log:
        follower = await log.follow("router")
        await log.append([record("case", 1)])
        seen = await take(follower, 1)
        kafka.kill()
        began = time.monotonic()
        with pytest.raises(LogUnavailable, match=r"目前连不上.*cannot be reached now"):
            await log.append([record("case", 2)])
        assert time.monotonic() - began < 5
        assert await log.failing() == "log_unreachable"
        with pytest.raises(LogUnavailable):
            await log.lag("router")
        assert await follower.fetch(10, 0.1) == []
        following = asyncio.create_task(take(follower, 3))
        kafka.start()
        await asyncio.to_thread(kafka.wait)
        await append_until_safe(log, record("case", 2), record("case", 3))
        await append_until_safe(log, record("case", 4))
        seen += await following
        assert_whole(guarded(seen), cases=1, each=4)
        assert await log.failing() is None


async def test_a_broker_that_is_away_at_the_start_is_waited_for(kafka_url: str, free_port: int) -> None:
    nobody = f"kafka://127.0.0.1:{free_port}/cases"
    async with kafka_log(nobody, patience=1.5) as log:
        follower = await log.follow("router")
        began = time.monotonic()
        assert await follower.fetch(10, 0.2) == []
        assert time.monotonic() - began < 2
        with pytest.raises(LogUnavailable):
            await log.append([record("case", 1)])


async def test_a_frozen_broker_does_not_hold_up_the_end(kafka: Cluster, kafka_url: str) -> None:
    async with kafka_log(kafka_url, patience=1.0) as log:
        follower = await log.follow("router")
        await log.append([record("case", 1)])
        await follower.done(await some(follower, 1))
        kafka.freeze()
        try:
            with pytest.raises(LogUnavailable):
                await log.append([record("case", 2)])
            began = time.monotonic()
            await log.close()
            assert time.monotonic() - began < 8
        finally:
            kafka.thaw()
    ours = {task.get_name() for task in asyncio.all_tasks()} - {asyncio.current_task().get_name()}  # type: ignore[union-attr]
    assert not ours


async def test_an_envelope_too_large_is_refused_and_the_log_goes_on(kafka_url: str) -> None:
    async with kafka_log(kafka_url) as log:
        with pytest.raises(RecordTooLarge):
            await log.append([record("c" * 10_000, 1)])
        await log.append([record("case", 1)])
