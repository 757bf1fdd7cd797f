"""The topic: made by `yikou topic create`, looked at before every client starts, never made by a broker.

A broker that makes topics by itself would choose the number of partitions, and with it the order of cases.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    InvalidReplicationFactorError,
    NoError,
    NotControllerError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.protocol.admin import CreateTopicsRequest
from aiokafka.protocol.metadata import MetadataRequest

from services.kernel.eventlog import LogUnusable
from services.kernel.kafka.contact import contact
from services.kernel.kafka.settings import PARTITIONS, KafkaSettings, parse

LOOKS: Final = 6  # before a topic counts as missing
DAYS: Final = 14  # that the topic keeps its records, when nothing else is said
_DAY_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True)
class Topic:
    """`partitions` is empty when there is no such topic; `led`: each of them has a leader."""

    partitions: tuple[int, ...]
    led: bool
    brokers: int
    controller: int


async def check_topic(settings: KafkaSettings) -> tuple[int, ...]:
    """The partitions of the topic. LogUnusable when it is missing or too small, else LogUnavailable."""
    async with contact(settings) as client:
        for _ in range(LOOKS):
            topic = await _look(client, settings.topic)
            if topic.partitions:
                break
            await asyncio.sleep(0.2)  # the broker that we asked may not have heard of a new topic yet
    name, count = settings.topic, len(topic.partitions)
    if not topic.partitions:
        raise LogUnusable(
            f"Kafka 没有主题 {name}，请先运行 yikou topic create。"
            f"/ Kafka has no topic {name}: run `yikou topic create` first."
        )
    _enough(name, count, settings.partitions)
    return topic.partitions


async def create_topic(
    url: str, partitions: int = PARTITIONS, replication: int | None = None, days: int = DAYS
) -> bool:
    """Make the topic that `url` names and wait until it can be used; False if it was there already.

    `replication` is three where there are three brokers (then two of them must have a record before it
    counts as safe), else one. `days`: how long the topic keeps its records. LogUnusable with the reason when
    it cannot be made or has fewer partitions.
    """
    settings, made = parse(url), False
    async with contact(settings) as client:
        while not ((topic := await _look(client, settings.topic)).partitions and topic.led):
            if not topic.partitions:
                copies = replication or (3 if topic.brokers >= 3 else 1)
                made = await _create(client, settings.topic, partitions, copies, topic, days) or made
            await asyncio.sleep(0.05)
        _enough(settings.topic, len(topic.partitions), partitions)
    return made


def _enough(name: str, count: int, wanted: int) -> None:
    if count < wanted:
        raise LogUnusable(
            f"Kafka 主题 {name} 只有 {count} 个分区，而设置要求 {wanted} 个；分区数不能就地修改，"
            f"请新建主题，或在地址中写明 partitions={count}。"
            f"/ Topic {name} has {count} partitions, {wanted} are configured;"
            f" the count is never changed in place: make a new topic, or say partitions={count} in the URL."
        )


async def _look(client: AIOKafkaClient, name: str) -> Topic:
    request = MetadataRequest([name], allow_auto_topic_creation=False)
    answer = (await client.send(client.get_random_node(), request)).to_object()
    (found,) = (topic for topic in answer["topics"] if topic["topic"] == name)
    error = for_code(found["error_code"])
    if error is TopicAuthorizationFailedError:
        raise LogUnusable(
            f"Kafka 不允许此用户使用主题 {name}。/ Kafka does not let this user use topic {name}."
        )
    brokers, controller = len(answer["brokers"]), answer["controller_id"]
    if error is UnknownTopicOrPartitionError:
        return Topic((), False, brokers, controller)
    parts = found["partitions"]
    led = error is NoError and all(part["leader"] >= 0 for part in parts)
    return Topic(tuple(sorted(part["partition"] for part in parts)), led, brokers, controller)


async def _create(
    client: AIOKafkaClient, name: str, partitions: int, copies: int, topic: Topic, days: int
) -> bool:
    """False if it may work in a moment: brokers that have just started are not all known yet."""
    settings = {
        "retention.ms": str(days * _DAY_MS),
        "cleanup.policy": "delete",  # compaction would keep one event of a case
        "min.insync.replicas": str(max(1, copies - 1)),
        "unclean.leader.election.enable": "false",
        "max.message.bytes": str(1 << 20),
    }
    request = CreateTopicsRequest(
        create_topic_requests=[(name, partitions, copies, [], list(settings.items()))],
        timeout=10_000,
        validate_only=False,
    )
    answer = await client.send(topic.controller, request)
    ((_, code, *_why),) = answer.topic_errors
    error = for_code(code)
    if error is NoError:
        return True
    early = error is InvalidReplicationFactorError and copies <= max(topic.brokers, 1)
    if early or error.retriable or error in (TopicAlreadyExistsError, NotControllerError):
        return False
    raise LogUnusable(
        f"Kafka 没有建立主题 {name}（{error.__name__}）。"
        f"/ Kafka did not make topic {name} ({error.__name__})."
    )
