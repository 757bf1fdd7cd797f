"""How every client is configured: what differs from aiokafka's defaults, and what would break otherwise."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import aiokafka.client
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from aiokafka.errors import UnknownTopicOrPartitionError
from aiokafka.protocol.metadata import MetadataRequest

from services.kernel.kafka.envelope import MAX_RECORD
from services.kernel.kafka.settings import REBALANCE, REQUEST, KafkaSettings

# A client that runs while a broker loses its disk asks the new one about the topic; by aiokafka's default the
# broker makes it then, with its own number of partitions, before `yikou topic create` can.
aiokafka.client.MetadataRequest = partial(MetadataRequest, allow_auto_topic_creation=False)

POLL_RECORDS: Final = 200
_CONSUMER: Final = {
    "enable_auto_commit": False,  # an offset is committed after its transaction, never by a clock
    "auto_offset_reset": "earliest",  # the default would skip what came before a new group
    "isolation_level": "read_uncommitted",  # nobody writes transactions
    "rebalance_timeout_ms": int(REBALANCE * 1000),
    "request_timeout_ms": int(REQUEST * 1000),
    "max_poll_interval_ms": 600_000,  # a member stuck in one batch gives its cases to the others
    "max_poll_records": POLL_RECORDS,
    "fetch_max_bytes": 4 << 20,
    "max_partition_fetch_bytes": 512 << 10,  # a larger record still comes, alone (fetch v3 and later)
    "metadata_max_age_ms": 60_000,
}
_PRODUCER: Final = {
    "acks": "all",
    "enable_idempotence": True,
    "linger_ms": 0,  # `append` adds all its records before the sender runs: one round, and no waiting
    "max_batch_size": MAX_RECORD,  # the default of 16 kB would cut a relay batch into several rounds
    "max_request_size": MAX_RECORD,
    "request_timeout_ms": 15_000,
    "metadata_max_age_ms": 60_000,
}


class Sharing(StickyPartitionAssignor):  # type: ignore[misc]  # aiokafka has no types
    """Shares out the partitions of topics that are there, or fails, and the member begins again.

    A leader that has not heard of the topic yet (a broker that lost its data) would give nobody anything. It
    would mend that itself; but if it dies before, the broker gives its successor of the same name the same
    nothing again, and tells it that another leads: it would wait for ever.
    """

    @classmethod
    def assign(
        cls, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        topics = {topic for member in members.values() for topic in member.subscription}
        if not all(cluster.partitions_for_topic(topic) for topic in topics):
            raise UnknownTopicOrPartitionError
        shared: dict[str, ConsumerProtocolMemberAssignment] = super().assign(cluster, members)
        return shared


def access_of(settings: KafkaSettings) -> dict[str, object]:
    access: dict[str, object] = {
        "bootstrap_servers": list(settings.servers),
        "security_protocol": settings.security_protocol,
        "ssl_context": settings.tls_context(),
    }
    if settings.user:
        access |= {"sasl_mechanism": settings.mechanism, "sasl_plain_username": settings.user,
                   "sasl_plain_password": settings.password}  # fmt: skip
    return access


def producer(settings: KafkaSettings, cut: Callable[[], None] = lambda: None) -> AIOKafkaProducer:
    """`cut` is called whenever a connection to a broker has ended."""
    made = AIOKafkaProducer(**access_of(settings), **_PRODUCER)
    heard = made.client._on_connection_closed

    def closed(connection: object, reason: object) -> None:
        heard(connection, reason)
        cut()

    made.client._on_connection_closed = closed
    return made


def member(settings: KafkaSettings, group: str) -> AIOKafkaConsumer:
    """A consumer that will join the group once it is subscribed."""
    # The assignor keeps its memory in its class: two members in one process must not share that.
    own = type("OwnSharing", (Sharing,), {"member_assignment": None})
    return AIOKafkaConsumer(
        **access_of(settings),
        **_CONSUMER,
        group_id=group,
        group_instance_id=settings.instance,
        partition_assignment_strategy=(own,),
        session_timeout_ms=int(settings.session * 1000),
        heartbeat_interval_ms=int(min(3.0, settings.session / 4) * 1000),
    )


def reader(settings: KafkaSettings) -> AIOKafkaConsumer:
    """A consumer that joins nothing: it asks for offsets."""
    return AIOKafkaConsumer(**access_of(settings), request_timeout_ms=10_000)


def admin(settings: KafkaSettings) -> AIOKafkaAdminClient:
    return AIOKafkaAdminClient(**access_of(settings), request_timeout_ms=10_000)


def client(settings: KafkaSettings) -> AIOKafkaClient:
    """For single requests."""
    return AIOKafkaClient(**access_of(settings), request_timeout_ms=10_000)
