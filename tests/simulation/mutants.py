"""Planted bugs, each a part that takes the place of the kernel's own: the simulation must find every one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from services.domain.events import Event
from services.kernel import outbox, parked
from services.kernel.consume import Consumer
from services.kernel.database.port import Writing
from services.kernel.database.sqlite import SqliteWriting
from services.kernel.delivery import ledger
from services.kernel.delivery.attempts import close_attempt
from services.kernel.delivery.calls import Calls
from services.kernel.delivery.models import DELIVERED
from services.kernel.delivery.standing import LEDGER
from services.kernel.delivery.worker import Deliveries
from services.kernel.eventlog import Entry, EventLog, Record
from services.kernel.messages import CallFailed, Delivery
from services.kernel.position import Guard
from services.kernel.relay import BATCH, Relay
from services.kernel.store import Store
from services.kernel.tx import Tx
from tests.simulation.disk import MemoryDatabase
from tests.simulation.town import Parts

T = TypeVar("T")


class MarksFirst(Relay):
    """Marks a batch as published, and then publishes it."""

    async def _publish(self, log: EventLog, stop: asyncio.Event) -> None:
        if not self.waiting:
            await self._refill()
        if not self.waiting:
            await self._wait(stop)
            return
        batch = [self.waiting.popleft() for _ in range(min(BATCH, len(self.waiting)))]
        await self.store.run(lambda tx: outbox.mark_published(tx, batch))
        await log.append(batch)


class Cursor(Relay):
    """Reads what is above the last number that it sent, as if numbers came to light in their order."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._cursor = 0

    async def _publish(self, log: EventLog, stop: asyncio.Event) -> None:
        self.waiting.clear()
        await self._shards.share()
        found = await self.store.run(self._above)
        if not found:
            await asyncio.sleep(0.2)
            return
        records = [record for _, record in found]
        await log.append(records)
        await self.store.run(lambda tx: outbox.mark_published(tx, records))
        self._cursor = found[-1][0]

    def _above(self, tx: Tx) -> list[tuple[int, Record]]:
        rows = tx._writing.fetch(
            "SELECT id, case_id, case_seq FROM outbox WHERE id > ? ORDER BY id", [self._cursor]
        )
        unpublished = outbox.unpublished(tx, self.store.service, 500, self._shards.held())
        known = {(record.case_id.hex, record.seq): record for record in unpublished}
        return [(int(str(number)), known[str(case), int(str(seq))]) for number, case, seq in rows
                if (str(case), int(str(seq))) in known]  # fmt: skip


class NoGuard(Consumer):
    """Applies whatever comes, as it comes."""

    def _together(self, tx: Tx, records: Sequence[Record], letters: Sequence[Entry]) -> None:
        self.hear(tx, records)
        for letter in letters:
            parked.bury(tx, letter)


class AfterTheGuard(Consumer):
    """Moves its positions in a transaction of its own, after the one that applied the events."""

    def _together(self, tx: Tx, records: Sequence[Record], letters: Sequence[Entry]) -> None:
        guard = Guard(tx, records)
        wanted = [record for record in records if guard.judge(record).value == "next"]
        self.hear(tx, wanted)

        def move(later: Tx) -> None:
            positions = Guard(later, wanted)
            for record in wanted:
                positions.advance(record)
            positions.write(later)

        self.store.later(move)


class Careless(Calls):
    """Settles whatever answer comes, whoever holds the lease by now."""

    def _lease_lasts(self, delivery: Delivery) -> bool:
        return True

    async def send(self, delivery: Delivery) -> bool:
        answer = await self._call(delivery, self.callers[type(delivery.request)])
        if isinstance(answer, CallFailed):
            failure = answer
            await self._settle(
                delivery, "failed", lambda tx: ledger.settle_failure(tx, self.kinds, delivery, failure)
            )
            return False
        events = tuple(answer)
        return await self._settle(delivery, "delivered", lambda tx: _settled(tx, delivery, events), events)


def _settled(tx: Tx, delivery: Delivery, events: Sequence[Event]) -> bool:
    row = LEDGER.get(tx, delivery.id)
    if row is not None:
        row.state, row.settled_at = DELIVERED, tx.now
        close_attempt(tx, delivery, DELIVERED)
        tx.put(*events)
    return True


class NoLease(Deliveries):
    """Never looks whether the lease is still its own."""

    def __init__(self, *args, **more) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*args, **more)
        calls = self.calls
        self.calls = Careless(
            calls.name, calls.store, calls.kinds, calls.callers, calls.asks, calls.timeout, calls.looks_at
        )


class AnswersFirst(MemoryDatabase):
    """Answers, and commits a moment later."""

    async def transact(self, work: Callable[[Writing, datetime], T]) -> T:
        connection = self.disk.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            # To know the answer it has to run; what it did is thrown away, and done again at the commit.
            result = work(SqliteWriting(connection), self.now())
        finally:
            connection.execute("ROLLBACK")
        loop = asyncio.get_running_loop()
        loop.call_later(self.chance.uniform(0.0, 0.05), self._later, work)
        return result

    def _later(self, work: Callable[[Writing, datetime], object]) -> None:
        self.disk.reserved += 8
        self._commit(work, self.disk.reserved)


MUTANTS: Final[Mapping[str, Parts]] = {
    "marks before it publishes": Parts(relay=MarksFirst),
    "reads the outbox by a cursor": Parts(relay=Cursor),
    "has no guard": Parts(consumer=NoGuard),
    "moves positions after the commit": Parts(consumer=AfterTheGuard),
    "does not look at the lease": Parts(deliveries=NoLease),
    "answers before the commit": Parts(database=AnswersFirst),
}
