"""The contract of every event log: order per case, nothing lost, groups apart, members sharing."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from services.kernel.eventlog import MAX_BODY, Entry, EventLog, Follower, Record, RecordTooLarge
from services.kernel.eventlog_sqlite import SqliteEventLog

Open = Callable[[], Awaitable[EventLog]]


@pytest.fixture
async def open_log(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens the same log again and again, as processes would."""
    opened: list[EventLog] = []

    async def start() -> EventLog:
        log = SqliteEventLog(tmp_path / "log.db")
        await log.start()
        opened.append(log)
        return log

    yield start
    for log in opened:
        await log.close()


def record(case: str, seq: int, body: bytes = b"{}") -> Record:
    return Record(f"{case}-{seq}", "AnswerGiven", "desk", case, seq, "2026-09-30T15:00:00+00:00", body)


async def take(follower: Follower, count: int, *, finish: bool = True) -> list[Record]:
    taken: list[Record] = []
    async with asyncio.timeout(20):
        while len(taken) < count:
            entries = await follower.fetch(50, 0.2)
            taken.extend(entry.record for entry in entries if entry.record)
            if finish:
                await follower.done(entries)
    return taken


def assert_whole(records: list[Record], cases: int, each: int) -> None:
    by_case: defaultdict[str, list[int]] = defaultdict(list)
    for one in records:
        by_case[one.case_id].append(one.seq)
    assert len(by_case) == cases
    assert all(seqs == list(range(1, each + 1)) for seqs in by_case.values())


async def test_records_of_a_case_come_in_the_order_they_were_appended(open_log: Open) -> None:
    log = await open_log()
    for seq in range(1, 21):
        await log.append([record(f"case{n}", seq) for n in range(10)])
    assert_whole(await take(await log.follow("router"), 200), cases=10, each=20)


async def test_a_record_comes_back_unchanged(open_log: Open) -> None:
    log = await open_log()
    sent = record("case", 1, "拖欠工资 \x00 ½".encode())
    await log.append([sent])
    assert await take(await log.follow("router"), 1) == [sent]


async def test_every_group_gets_every_record(open_log: Open) -> None:
    log = await open_log()
    followers = [await log.follow(group) for group in ("router", "intake", "notifier")]
    await log.append([record("case", seq) for seq in range(1, 101)])
    for taken in await asyncio.gather(*(take(follower, 100) for follower in followers)):
        assert_whole(taken, cases=1, each=100)


async def test_what_was_not_finished_comes_again_after_a_restart(open_log: Open) -> None:
    log = await open_log()
    await log.append([record("case", seq) for seq in range(1, 11)])
    follower = await log.follow("router")
    first = await follower.fetch(4, 0.2)
    await follower.done(first[:3])
    await follower.close()
    again = await take(await (await open_log()).follow("router"), 7)
    assert [one.seq for one in again] == list(range(4, 11))


async def test_what_was_finished_does_not_come_again(open_log: Open) -> None:
    log = await open_log()
    await log.append([record("case", seq) for seq in range(1, 11)])
    follower = await log.follow("router")
    await take(follower, 10)
    await follower.close()
    assert await (await (await open_log()).follow("router")).fetch(10, 0.3) == []
    assert await log.lag("router") == 0


async def test_a_follower_in_another_process_sees_what_is_appended_here(open_log: Open) -> None:
    here, there = await open_log(), await open_log()
    follower = await there.follow("router")
    await there.append([record("case", 1)])
    await here.append([record("case", 2)])
    await there.append([record("case", 3)])
    assert_whole(await take(follower, 3), cases=1, each=3)


async def test_two_processes_appending_at_once_lose_nothing(open_log: Open) -> None:
    logs = [await open_log(), await open_log()]

    async def write(log: EventLog, case: str) -> None:
        for seq in range(1, 51):
            await log.append([record(case, seq)])

    following = asyncio.create_task(take(await logs[0].follow("router"), 200))
    await asyncio.gather(*(write(logs[n % 2], f"case{n}") for n in range(4)))
    assert_whole(await following, cases=4, each=50)


async def test_members_of_a_group_share_the_work_and_one_takes_over_from_another(open_log: Open) -> None:
    logs = [await open_log(), await open_log()]
    first, second = [await log.follow("router") for log in logs]
    await logs[0].append([record(f"case{n}", 1) for n in range(20)])
    seen: list[Record] = []

    async def follow(member: Follower, rounds: int) -> None:
        for _ in range(rounds):
            entries = await member.fetch(50, 0.05)
            seen.extend(entry.record for entry in entries if entry.record)
            await member.done(entries)

    await asyncio.gather(follow(first, 5), follow(second, 5))
    assert_whole(seen, cases=20, each=1)
    await first.close()
    await logs[0].append([record(f"case{n}", 2) for n in range(20)])
    before = second.epoch
    async with asyncio.timeout(30):
        while len(seen) < 40:
            await follow(second, 1)
    assert second.epoch >= before
    assert_whole(seen, cases=20, each=2)


async def test_a_record_too_large_is_refused_and_the_log_goes_on(open_log: Open) -> None:
    log = await open_log()
    with pytest.raises(RecordTooLarge):
        await log.append([record("case", 1, b"x" * (MAX_BODY + 1))])
    await log.append([record("case", 1)])
    assert_whole(await take(await log.follow("router"), 1), cases=1, each=1)


async def test_an_append_wakes_a_waiting_follower_at_once(open_log: Open) -> None:
    log = await open_log()
    follower = await log.follow("router")
    await follower.fetch(1, 0.01)
    waiting = asyncio.create_task(follower.fetch(10, 30))
    await asyncio.sleep(0.01)
    await log.append([record("case", 1)])
    async with asyncio.timeout(10):
        assert len(await waiting) == 1


async def test_lag_counts_what_a_group_has_not_finished(open_log: Open) -> None:
    log = await open_log()
    await log.append([record("case", seq) for seq in range(1, 8)])
    assert await log.lag("router") == 7


async def test_bytes_that_are_no_event_come_as_an_entry_without_a_record(
    open_log: Open, tmp_path: Path
) -> None:
    log = await open_log()
    await log.append([record("case", 1)])
    with sqlite3.connect(tmp_path / "log.db") as other:
        other.execute("INSERT INTO record VALUES (2, 'x', 'x', 'x', 'x', 'no number', 'x', 'text')")
    other.close()
    follower = await log.follow("router")
    entries: list[Entry] = []
    async with asyncio.timeout(10):
        while len(entries) < 2:
            entries += await follower.fetch(10, 0.5)
    assert entries[0].record is not None
    assert entries[1].record is None
    assert b"text" in entries[1].raw
