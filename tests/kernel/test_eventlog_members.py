"""The contract of every event log, continued: members of a group that come and go."""

import asyncio

from services.kernel.eventlog import Follower, Record
from tests.kernel.event_logs import PATIENCE, Open, assert_whole, guarded, record


async def listen(member: Follower, seen: list[Record], enough: int) -> None:
    """Follow until all members together have seen enough."""
    while len(guarded(seen)) < enough:
        entries = await member.fetch(20, 0.05)
        seen.extend(entry.record for entry in entries if entry.record)
        await member.done(entries)


async def test_members_of_a_group_share_the_work_and_one_takes_over_from_another(opened: Open) -> None:
    logs = [await opened(), await opened()]
    first, second = [await log.follow("router") for log in logs]
    await logs[0].append([record(f"case{n}", 1) for n in range(20)])
    seen: list[Record] = []
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(listen(first, seen, 20), listen(second, seen, 20))
    before = second.epoch
    await first.close()
    await logs[0].append([record(f"case{n}", 2) for n in range(20)])
    async with asyncio.timeout(PATIENCE):
        await listen(second, seen, 40)
    assert second.epoch > before
    assert_whole(guarded(seen), cases=20, each=2)


async def test_members_that_come_and_go_while_others_append_lose_nothing_and_keep_the_order(
    opened: Open,
) -> None:
    log, seen = await opened(), list[Record]()
    stop = asyncio.Event()

    async def member(rounds: int) -> None:
        while not stop.is_set():
            follower = await (await opened()).follow("router")
            for _ in range(rounds):
                entries = await follower.fetch(20, 0.05)
                seen.extend(entry.record for entry in entries if entry.record)
                await follower.done(entries)
            await follower.close()

    members = [asyncio.create_task(member(rounds)) for rounds in (15, 25, 40)]
    for seq in range(1, 61):
        await log.append([record(f"case{n}", seq) for n in range(8)])
        await asyncio.sleep(0.03)
    async with asyncio.timeout(PATIENCE):
        while len(guarded(seen)) < 8 * 60:  # noqa: ASYNC110 (many may bring the last one)
            await asyncio.sleep(0.1)
    stop.set()
    await asyncio.gather(*members)
    assert_whole(guarded(seen), cases=8, each=60)
