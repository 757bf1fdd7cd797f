"""The contract of every event log: order per case, nothing lost, groups apart, members sharing."""

import asyncio
import sqlite3

import pytest
from aiokafka import AIOKafkaProducer

from services.kernel.eventlog import MAX_BODY, EventLog, RecordTooLarge
from services.kernel.kafka.settings import parse
from tests.kernel.event_logs import Open, assert_whole, record, some, take


async def test_records_of_a_case_come_in_the_order_they_were_appended(opened: Open) -> None:
    log = await opened()
    for seq in range(1, 21):
        await log.append([record(f"case{n}", seq) for n in range(10)])
    assert_whole(await take(await log.follow("router"), 200), cases=10, each=20)


async def test_one_append_may_hold_many_records_of_a_case(opened: Open) -> None:
    log = await opened()
    await log.append([record(f"case{n % 3}", n // 3 + 1, b"x" * 2000) for n in range(600)])
    assert_whole(await take(await log.follow("router"), 600), cases=3, each=200)


async def test_a_record_comes_back_unchanged(opened: Open) -> None:
    log = await opened()
    sent = record("case", 1, "拖欠工资 \x00 ½".encode())
    await log.append([sent])
    assert await take(await log.follow("router"), 1) == [sent]


async def test_every_group_gets_every_record(opened: Open) -> None:
    log = await opened()
    followers = [await log.follow(group) for group in ("router", "intake", "notifier")]
    await log.append([record("case", seq) for seq in range(1, 101)])
    for taken in await asyncio.gather(*(take(follower, 100) for follower in followers)):
        assert_whole(taken, cases=1, each=100)


async def test_what_was_not_finished_comes_again_after_a_restart(opened: Open) -> None:
    log = await opened()
    await log.append([record("case", seq) for seq in range(1, 11)])
    follower = await log.follow("router")
    first = await some(follower, 4)
    await follower.done(first[:3])
    await follower.close()
    again = await take(await (await opened()).follow("router"), 7)
    assert [one.seq for one in again] == list(range(4, 11))


async def test_what_was_finished_does_not_come_again(opened: Open) -> None:
    log = await opened()
    await log.append([record("case", seq) for seq in range(1, 11)])
    follower = await log.follow("router")
    await take(follower, 10)
    await follower.close()
    assert await log.lag("router") == 0
    await log.append([record("case", 11)])
    assert [one.seq for one in await take(await (await opened()).follow("router"), 1)] == [11]


async def test_done_without_entries_finishes_all_that_was_fetched(opened: Open) -> None:
    log = await opened()
    await log.append([record(f"case{n}", 1) for n in range(10)])
    follower = await log.follow("router")
    await some(follower, 10)
    await follower.done([])
    await follower.close()
    assert await log.lag("router") == 0


async def test_a_follower_in_another_process_sees_what_is_appended_here(opened: Open) -> None:
    here, there = await opened(), await opened()
    follower = await there.follow("router")
    await there.append([record("case", 1)])
    await here.append([record("case", 2)])
    await there.append([record("case", 3)])
    assert_whole(await take(follower, 3), cases=1, each=3)


async def test_two_processes_appending_at_once_lose_nothing(opened: Open) -> None:
    logs = [await opened(), await opened()]

    async def write(log: EventLog, case: str) -> None:
        for seq in range(1, 51):
            await log.append([record(case, seq)])

    following = asyncio.create_task(take(await logs[0].follow("router"), 200))
    await asyncio.gather(*(write(logs[n % 2], f"case{n}") for n in range(4)))
    assert_whole(await following, cases=4, each=50)


async def test_a_record_too_large_is_refused_and_the_log_goes_on(opened: Open) -> None:
    log = await opened()
    with pytest.raises(RecordTooLarge):
        await log.append([record("case", 1), record("case", 2, b"x" * (MAX_BODY + 1))])
    await log.append([record("case", 1)])
    assert_whole(await take(await log.follow("router"), 1), cases=1, each=1)


async def test_the_largest_record_goes_through(opened: Open) -> None:
    log = await opened()
    await log.append([record("case", seq, b"x" * MAX_BODY) for seq in (1, 2)])
    taken = await take(await log.follow("router"), 2)
    assert [len(one.body) for one in taken] == [MAX_BODY, MAX_BODY]


async def test_an_append_wakes_a_waiting_follower_at_once(opened: Open) -> None:
    log = await opened()
    await log.append([record("case", 1)])
    follower = await log.follow("router")
    await take(follower, 1)
    waiting = asyncio.create_task(follower.fetch(10, 30))
    await asyncio.sleep(0.01)
    await log.append([record("case", 2)])
    async with asyncio.timeout(20):
        assert len(await waiting) == 1


async def test_lag_counts_what_a_group_has_not_finished(opened: Open) -> None:
    log = await opened()
    await log.append([record("case", seq) for seq in range(1, 8)])
    assert await log.lag("router") == 7
    assert await log.failing() is None


async def test_bytes_that_are_no_event_come_as_an_entry_without_a_record(opened: Open, log_url: str) -> None:
    log = await opened()
    await log.append([record("case", 1)])
    if log_url.startswith("sqlite"):
        with sqlite3.connect(log_url.removeprefix("sqlite:///")) as other:
            other.execute("INSERT INTO record VALUES (2, 'x', 'x', 'x', 'x', 'no number', 'x', 'text')")
        other.close()
    else:
        settings = parse(log_url)
        async with AIOKafkaProducer(bootstrap_servers=settings.servers[0]) as stranger:
            await stranger.send_and_wait(settings.topic, b"\xfftext", headers=[("seq", b"no number")])
    await log.append([record("case", 2)])
    entries = await some(await log.follow("router"), 3)
    assert [entry.record.seq for entry in entries if entry.record] == [1, 2]
    (letter,) = (entry for entry in entries if entry.record is None)
    assert b"text" in letter.raw
