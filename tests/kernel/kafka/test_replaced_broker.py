"""A broker that lost its disk gives the numbers of its producers out again, from the first on."""

from services.kernel.kafka.topic import create_topic
from tests.kernel.event_logs import kafka_log, record, take
from tools.real.kafka import Cluster


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
