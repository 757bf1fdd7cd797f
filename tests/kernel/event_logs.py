"""What the tests of the event logs share: records, taking them, and looking at what came."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import NAMESPACE_OID, UUID, uuid5

from services.kernel.eventlog import Entry, EventLog, Follower, Record
from services.kernel.eventlog_kafka import KafkaEventLog
from services.kernel.kafka.settings import parse
from services.kernel.kafka.topic import create_topic
from tools.real.kafka import Cluster

Open = Callable[[], Awaitable[EventLog]]  # the same log again, as another process would
TOPICS = itertools.count(1)
PATIENCE = 30  # seconds: machines that run tests are busy


def case_id(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


def record(case: str, seq: int, body: bytes = b"{}") -> Record:
    at = "2026-09-30T15:00:00+00:00"
    return Record(f"{case}-{seq}", "AnswerGiven", "desk", case_id(case), seq, at, body)


def topic_url(kafka: Cluster, partitions: int = 4, **query: object) -> str:
    """The URL of a new topic."""
    url = f"kafka://{kafka.bootstrap}/cases{next(TOPICS)}?partitions={partitions}"
    asyncio.run(create_topic(url, partitions))
    return url + "".join(f"&{name}={value}" for name, value in query.items())


@asynccontextmanager
async def kafka_log(url: str, **changed: float) -> AsyncIterator[KafkaEventLog]:
    """Started, with settings that no URL offers, and closed."""
    log = KafkaEventLog(replace(parse(url), **changed))  # type: ignore[arg-type]
    await log.start()
    try:
        yield log
    finally:
        await log.close()


async def some(follower: Follower, count: int) -> list[Entry]:
    """The next `count` entries, not finished."""
    taken: list[Entry] = []
    async with asyncio.timeout(PATIENCE):
        while len(taken) < count:
            taken += await follower.fetch(count - len(taken), 0.2)
    return taken


async def take(follower: Follower, count: int) -> list[Record]:
    """The next `count` records, finished."""
    taken: list[Record] = []
    async with asyncio.timeout(PATIENCE):
        while len(taken) < count:
            entries = await follower.fetch(50, 0.2)
            taken.extend(entry.record for entry in entries if entry.record)
            await follower.done(entries)
    return taken


def by_case(records: Iterable[Record]) -> dict[UUID, list[int]]:
    cases: defaultdict[UUID, list[int]] = defaultdict(list)
    for one in records:
        cases[one.case_id].append(one.seq)
    return dict(cases)


def assert_whole(records: Iterable[Record], cases: int, each: int) -> None:
    """Every record of every case, once, in order."""
    found = by_case(records)
    assert len(found) == cases
    wrong = {case: seqs for case, seqs in found.items() if seqs != list(range(1, each + 1))}
    assert not wrong, f"{len(wrong)} cases, such as {dict([wrong.popitem()])}"


def guarded(records: Iterable[Record]) -> list[Record]:
    """What a consumer's guard lets through: the next of its case. A gap fails, a repetition is dropped."""
    last: defaultdict[UUID, int] = defaultdict(int)
    passed = []
    for one in records:
        assert one.seq <= last[one.case_id] + 1, f"gap before {one.id}"
        if one.seq == last[one.case_id] + 1:
            last[one.case_id] = one.seq
            passed.append(one)
    return passed
