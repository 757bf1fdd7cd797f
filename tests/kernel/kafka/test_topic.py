"""Topic and access: what cannot be used is told in one sentence, and nothing is made behind our back."""

import asyncio
from pathlib import Path

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.kernel.eventlog import LogUnavailable, LogUnusable
from services.kernel.eventlog_url import open_log
from services.kernel.kafka import clients
from services.kernel.kafka.settings import parse
from services.kernel.kafka.topic import create_topic
from tests.kernel.event_logs import record, take, topic_url
from tools.real.kafka import Cluster
from tools.real.kafka_node import PASSWORD, USER


async def why_not(url: str) -> str:
    with pytest.raises(LogUnusable) as refused:
        await open_log(url)
    assert PASSWORD not in str(refused.value)
    return str(refused.value)


async def test_a_missing_topic_is_told_and_never_made_by_looking_for_it(kafka: Cluster) -> None:
    url = f"kafka://{kafka.bootstrap}/nowhere"
    for _ in range(2):
        assert "yikou topic create" in await why_not(url)
    assert await create_topic(url, 2) is True
    assert await create_topic(url, 2) is False


async def test_a_topic_that_is_lost_is_not_made_by_those_who_still_use_it(kafka: Cluster) -> None:
    url = await asyncio.to_thread(topic_url, kafka)
    log = await open_log(url)
    await log.append([record("case", 1)])
    follower = await log.follow("router")
    await take(follower, 1)
    admin = clients.admin(parse(url))
    await admin.start()
    await admin.delete_topics([parse(url).topic])
    failed = 0
    for seq in range(2, 22):  # some seconds: they ask about it again and again
        try:
            await log.append([record("case", seq)])
        except (LogUnavailable, LogUnusable):
            failed += 1
        await follower.fetch(1, 0.2)
    assert failed > 10
    assert parse(url).topic not in await admin.list_topics()
    await admin.close()
    await log.close()


async def test_a_topic_keeps_its_records_as_long_as_was_said(kafka: Cluster) -> None:
    url = f"kafka://{kafka.bootstrap}/kept"
    await create_topic(url, 1, days=30)
    admin = clients.admin(parse(url))
    await admin.start()
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "kept")])
    [(_, _, _, _, entries)] = answer.resources
    assert {name: value for name, value, *_ in entries}["retention.ms"] == str(30 * 24 * 3600 * 1000)
    await admin.close()


async def test_a_topic_with_fewer_partitions_than_configured_is_refused(kafka: Cluster) -> None:
    small = await asyncio.to_thread(topic_url, kafka, 3)
    why = await why_not(small.replace("partitions=3", "partitions=12"))
    assert "只有 3 个分区" in why
    assert "has 3 partitions, 12 are configured" in why
    with pytest.raises(LogUnusable, match="has 3 partitions, 4 are configured"):
        await create_topic(small, 4)


async def test_a_topic_with_more_partitions_keeps_its_cases_where_they_are(kafka: Cluster) -> None:
    large = await asyncio.to_thread(topic_url, kafka, 6)
    log = await open_log(large.replace("partitions=6", "partitions=2"))
    await log.append([record(f"case{n}", 1) for n in range(30)])
    follower, partitions = await log.follow("router"), set[int]()
    for _ in range(30):
        while not (entries := await follower.fetch(1, 0.5)):
            pass
        partitions.add(entries[0].partition)
    assert partitions == {0, 1}
    await log.close()


async def test_a_replication_that_the_brokers_cannot_give_is_told(kafka: Cluster) -> None:
    with pytest.raises(LogUnusable, match="did not make topic wide"):
        await create_topic(f"kafka://{kafka.bootstrap}/wide", 1, replication=3)


@pytest.fixture
def closed_door(kafka: Cluster) -> str:
    """The topic's URL at the listener that wants TLS and a password, without either."""
    _, _, rest = topic_url(kafka).rpartition("/")
    return f"kafka://{kafka.secure}/{rest}"


def with_user(url: str, password: str) -> str:
    return url.replace("kafka://", f"kafka://{USER}:{password}@")


async def test_records_go_round_over_tls_with_a_password_from_a_file(
    kafka: Cluster, closed_door: str, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    log = await open_log(f"{with_user(closed_door, '')}&ca={kafka.ca}&password_file={tmp_path}/password")
    await log.append([record("case", 1)])
    assert await take(await log.follow("router"), 1) == [record("case", 1)]
    assert await log.lag("router") >= 0
    await log.close()


async def test_wrong_access_is_told_apart(kafka: Cluster, closed_door: str) -> None:
    known = with_user(closed_door, PASSWORD)
    assert "refused the user or the password" in await why_not(
        f"{with_user(closed_door, 'wrong')}&ca={kafka.ca}"
    )
    assert "is not trusted" in await why_not(f"{known}&tls=true")
    assert "does not know SCRAM-SHA-256" in await why_not(f"{known}&ca={kafka.ca}&mechanism=SCRAM-SHA-256")
    assert "cannot be read" in await why_not(f"{known}&ca=/nowhere.pem")


async def test_a_door_that_just_closes_comes_with_a_hint(kafka: Cluster, closed_door: str) -> None:
    with pytest.raises(LogUnavailable, match="is tls set as its port wants it"):
        await create_topic(closed_door, 4)
    with pytest.raises(LogUnavailable, match="it may want a user"):
        await create_topic(f"{closed_door}&ca={kafka.ca}", 4)
    with pytest.raises(LogUnavailable, match="is tls set as its port wants it"):
        await create_topic(f"{closed_door.replace(kafka.secure, kafka.bootstrap)}&ca={kafka.ca}", 4)
