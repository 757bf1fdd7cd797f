"""What a lost log took with it is found in the outboxes and positions, and appended again in its order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

import pytest

from services.commands.builders import BUILDERS
from services.commands.republishing import EVER, Stores, Tally, Wish, republish
from services.kernel import outbox, parked
from services.kernel.eventlog import Record
from services.kernel.position import Guard
from services.kernel.store import Store, Tx
from tests.kernel.cells import Clock, answer, store_at, surroundings
from tests.places import Place

FAST = 1e9  # records a second: no test waits


class Log:
    def __init__(self) -> None:
        self.records: list[Record] = []

    async def append(self, records: Sequence[Record]) -> None:
        self.records += records

    def names(self) -> list[str]:
        return [f"{one.source}-{one.seq}" for one in self.records]


class Town:
    """The stores of all services, and one clock for what they say."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self.stores, self.clock = stores, clock

    async def say(self, service: str, case: UUID) -> None:
        self.clock.forward(seconds=1)
        await self.stores[service].run(lambda tx: tx.put(answer(case, tx)))

    async def hear(self, service: str, source: str, case: UUID, *, until: int) -> None:
        rows = await self.stores[source].read(lambda look: outbox.of_cases(look, source, {case}))

        def work(tx: Tx) -> None:
            guard = Guard(tx, rows)
            for row in rows[:until]:
                guard.advance(row)
            guard.write(tx)

        await self.stores[service].run(work)

    async def all_hear(self, source: str, case: UUID, until: int) -> None:
        await asyncio.gather(
            *(self.hear(name, source, case, until=until) for name in BUILDERS if name != source)
        )

    async def again(self, wish: Wish) -> tuple[list[str], Tally]:
        log = Log()
        tally = await republish(self.stores, log, wish, FAST)  # type: ignore[arg-type]
        assert tally.records == len(log.records)
        return log.names(), tally


@pytest.fixture
async def town(place: Place) -> AsyncIterator[Town]:
    clock = Clock()
    around = surroundings(clock=clock)
    async with AsyncExitStack() as stack:
        stores: dict[str, Store] = {}
        for name in BUILDERS:
            stores[name] = store_at(place, name, around)
            await stores[name].start()
            stack.push_async_callback(stores[name].close)
        yield Town(stores, clock)


ONE = UUID(int=1)


async def a_case_with_events_of_two_services(town: Town) -> None:
    for service in ("intake", "router", "intake", "router", "intake"):
        await town.say(service, ONE)


async def test_only_what_somebody_has_not_heard_is_sent_causes_before_what_they_caused(town: Town) -> None:
    await a_case_with_events_of_two_services(town)
    await town.all_hear("intake", ONE, 3)
    await town.all_hear("router", ONE, 2)
    assert (await town.again(Wish()))[0] == []
    await town.say("notifier", ONE)
    await town.say("intake", ONE)
    await town.say("notifier", ONE)
    assert (await town.again(Wish()))[0] == ["notifier-1", "intake-4", "notifier-2"]


async def test_one_service_that_is_behind_is_enough(town: Town) -> None:
    await a_case_with_events_of_two_services(town)
    for name in ("inspection_adapter", "employment_adapter", "notifier", "router"):
        await town.hear(name, "intake", ONE, until=3)
    await town.hear("helpdesk_adapter", "intake", ONE, until=1)
    await town.all_hear("router", ONE, 2)
    assert (await town.again(Wish()))[0] == ["intake-2", "intake-3"]


async def test_what_is_parked_was_heard(town: Town) -> None:
    await town.say("intake", ONE)
    await town.say("intake", ONE)
    rows = await town.stores["intake"].read(lambda look: outbox.of_cases(look, "intake", {ONE}))
    await town.all_hear("intake", ONE, 2)
    assert (await town.again(Wish()))[0] == []
    await town.say("intake", ONE)
    rows = await town.stores["intake"].read(lambda look: outbox.of_cases(look, "intake", {ONE}))
    for name in ("router", "inspection_adapter", "employment_adapter", "helpdesk_adapter", "notifier"):
        await town.stores[name].run(lambda tx: parked.park(tx, rows[2], parked.FAILED))
    assert (await town.again(Wish()))[0] == []


async def test_all_or_a_case_or_a_time_may_be_asked_for_whoever_has_heard_it(town: Town) -> None:
    await a_case_with_events_of_two_services(town)
    await town.all_hear("intake", ONE, 3)
    await town.all_hear("router", ONE, 2)
    middle, other = town.clock.at, UUID(int=2)
    await town.say("router", other)
    whole = ["intake-1", "router-1", "intake-2", "router-2", "intake-3"]
    assert (await town.again(Wish(everything=True)))[0] == [*whole, "router-1"]
    assert (await town.again(Wish(everything=True, case=ONE)))[0] == whole
    assert (await town.again(Wish(everything=True, case=other)))[0] == ["router-1"]
    assert (await town.again(Wish(everything=True, case=UUID(int=7))))[0] == []
    since = middle - timedelta(seconds=1)
    assert (await town.again(Wish(everything=True, since=since)))[0] == ["router-2", "intake-3", "router-1"]


async def test_more_cases_than_fit_into_memory_come_page_by_page(town: Town) -> None:
    cases = [UUID(int=n) for n in range(1, 501)]
    for service, step in (("intake", 1), ("router", 3), ("notifier", 7)):
        await asyncio.gather(*(town.say(service, case) for case in cases[::step]))
    log = Log()
    tally = await republish(town.stores, log, Wish(), FAST)  # type: ignore[arg-type]
    assert Counter(one.source for one in log.records) == {"intake": 500, "router": 167, "notifier": 72}
    assert (tally.cases, tally.records, tally.lost) == (500, 739, 0)
    assert [one.case_id for one in log.records] == sorted(one.case_id for one in log.records)


async def test_what_nobody_keeps_any_more_is_counted(town: Town) -> None:
    for _ in range(4):
        await town.say("intake", ONE)
    await town.all_hear("intake", ONE, 2)
    await town.hear("notifier", "intake", ONE, until=1)
    rows = await town.stores["intake"].read(lambda look: outbox.of_cases(look, "intake", {ONE}))
    await town.stores["intake"].run(lambda tx: outbox.mark_published(tx, rows[:3]))
    town.clock.forward(days=1)
    assert await town.stores["intake"].run(lambda tx: outbox.prune(tx, timedelta(0))) == 3
    names, tally = await town.again(Wish())
    assert names == ["intake-4"]
    assert tally.lost == 2
    assert (await town.again(Wish(everything=True, since=EVER)))[1].lost == 0
