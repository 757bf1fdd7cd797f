"""A broker that lost its disk: it knows no topic, no member, and gives numbers out from the first on."""

import asyncio

from services.kernel.kafka.topic import create_topic
from tests.kernel.event_logs import PATIENCE, kafka_log, record, take
from tools.real.kafka import Cluster

JOINED = 5.0  # seconds after which a member has found the broker that came back


async def test_who_wrote_to_a_broker_before_it_lost_everything_takes_nobodys_number_after(
    fragile: Cluster,
) -> None:
    url = f"kafka://{fragile.bootstrap}/cases?partitions=1"
    await create_topic(url, 1)
    async with kafka_log(url) as before, kafka_log(url) as after:
        await before.append([record("before", 1)])
        fragile.kill()
        fragile.lose()
        fragile.start()
        fragile.wait()
        await create_topic(url, 1)
        written = [record(f"after{n}", 1) for n in range(6)]
        for one, log in zip(written, (after, before) * 3, strict=True):
            await log.append([one])
        follower = await after.follow("router")
        assert await take(follower, len(written)) == written


async def test_a_member_that_dies_before_the_topic_is_there_again_leaves_its_successor_its_share(
    fragile: Cluster,
) -> None:
    """Found by a short campaign: one was the group's only one, had no partition, and waited for ever."""
    url = f"kafka://{fragile.bootstrap}/cases?partitions=1&instance=desk-1&session=30"
    await create_topic(url, 1)
    async with kafka_log(url) as dying:
        await dying.append([record("before", 1)])
        await take(await dying.follow("desk"), 1)
        fragile.kill()
        fragile.lose()
        fragile.start()
        fragile.wait()
        await asyncio.sleep(JOINED)
    await create_topic(url, 1)
    async with kafka_log(url) as successor:
        written = record("after", 1)
        await successor.append([written])
        async with asyncio.timeout(PATIENCE):
            assert await take(await successor.follow("desk"), 1) == [written]
