"""Relays of one outbox in several processes: shards shared out, taken over, and a case's order kept."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import insert

from services.kernel.columns import table
from services.kernel.database.shards import SHARDS
from services.kernel.outbox import Outgoing, shard
from services.kernel.relay import LOOK_AGAIN, Relay
from services.kernel.sql import Sql
from services.kernel.store import Store, Tx
from tests.kernel.cells import answer, until
from tests.kernel.shared.conftest import Join
from tests.kernel.shared.load import Log


def nobody() -> None:
    pass


@asynccontextmanager
async def relaying(store: Store, log: Log) -> AsyncIterator[Relay]:
    stop, relay = asyncio.Event(), Relay(store)
    task = asyncio.create_task(relay.run(log, stop))  # type: ignore[arg-type]
    yield relay
    stop.set()
    relay.wake()
    await task


async def say(store: Store, case: UUID) -> None:
    await store.run(lambda tx: tx.put(answer(case, tx)))


def case_in(shards: set[int]) -> UUID:
    return next(case for n in range(1, 1000) if shard(case := UUID(int=n)) in shards)


async def test_two_processes_share_the_shards_and_one_takes_them_all_when_it_is_alone(join: Join) -> None:
    stores = [await join(), await join()]
    one, other = (store.database.shards(nobody) for store in stores)
    assert await one.share()
    assert len(one.held()) == SHARDS // 2
    assert await other.share()
    assert sorted([*one.held(), *other.held()]) == list(range(SHARDS))
    assert not await one.share()
    await other.close()
    await stores[1].database.close()
    assert await one.share()
    assert len(one.held()) == SHARDS
    await one.close()


async def test_a_third_process_gets_its_share_and_no_shard_has_two_holders(join: Join) -> None:
    relays = [(await join()).database.shards(nobody) for _ in range(2)]
    for shards in relays:
        await shards.share()
    relays.append((await join()).database.shards(nobody))
    for _ in range(2):
        for shards in relays:
            await shards.share()
        held = [one for shards in relays for one in shards.held()]
        assert len(held) == len(set(held))
    assert sorted(held) == list(range(SHARDS))
    assert max(len(shards.held()) for shards in relays) <= 6
    for shards in relays:
        await shards.close()


async def test_what_one_process_writes_for_another_to_relay_goes_out_at_once(join: Join) -> None:
    here, there, log = await join(), await join(), Log()
    async with relaying(here, log) as ours, relaying(there, Log()) as theirs:
        await until(lambda: len(ours._shards.held()) == len(theirs._shards.held()) == SHARDS // 2, seconds=30)
        await asyncio.sleep(0.2)
        case, began = case_in(set(ours._shards.held())), time.monotonic()
        await say(there, case)
        await until(lambda: log.records)
        seconds = time.monotonic() - began
    print(f"\nnews took {seconds * 1000:.0f} ms")
    assert seconds < LOOK_AGAIN / 2


async def test_events_that_two_processes_write_by_turns_leave_in_their_order(join: Join) -> None:
    stores, log = [await join(), await join()], Log()
    async with relaying(stores[0], log), relaying(stores[1], log):
        for n in range(200):
            await asyncio.gather(*(say(stores[n % 2], UUID(int=case)) for case in range(1, 9)))
        await until(lambda: len({(r.case_id, r.seq) for r in log.records}) == 1600, seconds=60)
    last: dict[UUID, int] = {}
    for record in log.records:
        assert record.seq <= last.get(record.case_id, 0) + 1
        last[record.case_id] = max(last.get(record.case_id, 0), record.seq)
    assert set(last.values()) == {200}


ROW = Sql(insert(table(Outgoing)))


async def test_news_that_never_came_is_found_by_a_relay_that_never_rests(join: Join) -> None:
    """Whoever wrote it died before telling; the holder has so much to do that it never waits."""
    store, log = await join(), Log()
    lost = store.around.new_id()

    def behind_its_back(tx: Tx) -> None:
        tx.run(
            ROW, event_id=tx.new_id(), case_id=lost, case_seq=1, shard=shard(lost), type="AnswerGiven",
            at=tx.now, body=b"{}", published_at=None,
        )  # fmt: skip

    async with relaying(store, log):
        await say(store, UUID(int=1))
        await until(lambda: log.records)
        await store.run(behind_its_back)
        async with asyncio.timeout(LOOK_AGAIN * 4):
            while not any(record.case_id == lost for record in log.records):
                await say(store, store.around.new_id())
