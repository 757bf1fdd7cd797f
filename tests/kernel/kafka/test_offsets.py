"""Commits are advice: rare, never waited for, and never for what has not changed."""

import asyncio
from types import SimpleNamespace

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from aiokafka.structs import OffsetAndMetadata

from services.kernel.kafka.offsets import EVERY, WITHIN, Offsets


class Coordinator:
    """The wire: what was committed; it may hang, or fail."""

    def __init__(self) -> None:
        self.committed: list[dict[int, int]] = []
        self.hangs = self.fails = False
        self.generation = 1

    async def _do_commit_offsets(
        self, _assignment: None, places: dict[TopicPartition, OffsetAndMetadata]
    ) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise KafkaConnectionError
        self.committed.append({at.partition: place.offset for at, place in places.items()})


def made() -> tuple[Offsets, Coordinator, SimpleNamespace]:
    coordinator = Coordinator()
    return Offsets("cases"), coordinator, SimpleNamespace(_coordinator=coordinator)


async def test_offsets_are_committed_at_most_once_a_second_and_only_those_that_moved() -> None:
    offsets, coordinator, consumer = made()
    for offset in range(1, 50):
        offsets.save_soon(consumer, {0: offset, 1: 7})
        await asyncio.sleep(0.001)
    assert coordinator.committed == [{0: 1, 1: 7}]
    await asyncio.sleep(EVERY)
    offsets.save_soon(consumer, {0: 50, 1: 7})
    await asyncio.sleep(0.01)
    assert coordinator.committed == [{0: 1, 1: 7}, {0: 50}]
    await offsets.save_now(consumer, {0: 50, 1: 7})
    assert len(coordinator.committed) == 2


async def test_a_coordinator_that_does_not_answer_holds_up_nobody() -> None:
    offsets, coordinator, consumer = made()
    coordinator.hangs = True
    offsets.save_soon(consumer, {0: 1})
    async with asyncio.timeout(WITHIN + 1):
        await offsets.save_now(consumer, {0: 2})
    assert coordinator.committed == []


async def test_a_commit_that_failed_is_made_up_for() -> None:
    offsets, coordinator, consumer = made()
    coordinator.fails = True
    await offsets.save_now(consumer, {0: 1})
    coordinator.fails = False
    await offsets.save_now(consumer, {0: 1})
    assert coordinator.committed == [{0: 1}]


async def test_after_a_new_share_out_the_same_offset_is_said_again() -> None:
    offsets, coordinator, consumer = made()
    await offsets.save_now(consumer, {0: 1})
    offsets.start_over()
    await offsets.save_now(consumer, {0: 1})
    assert coordinator.committed == [{0: 1}, {0: 1}]


async def test_who_is_no_member_any_more_commits_nothing() -> None:
    """A broker that lost its data takes places of the old log from whoever is in no group."""
    offsets, coordinator, consumer = made()
    coordinator.generation = -1
    await offsets.save_now(consumer, {0: 293})
    assert coordinator.committed == []
    coordinator.generation = 2
    await offsets.save_now(consumer, {0: 14})
    assert coordinator.committed == [{0: 14}]
