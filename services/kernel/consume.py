"""Event log → handlers → own tables and outbox: one transaction per batch.

    fetch → judge by position → apply what is next, park what is early or behind a failed one → positions

A batch that fails is taken apart: each event alone, and the one that fails alone is parked. Events of a case
in which nothing presses wait for company, and are dealt with before the log is told that they are done.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import ValidationError

from services.kernel import parked
from services.kernel.eventlog import Entry, EventLog, Follower, Record
from services.kernel.faults import TooEarly, is_transient, place_of
from services.kernel.position import Guard, Verdict
from services.kernel.tx import Tx

if TYPE_CHECKING:
    from services.kernel.service import Service

log_ = logging.getLogger(__name__)
BATCH = 100
WAIT = 0.5  # seconds
HELD_BACK = 1_000  # entries that may be held back
HOLD = 2.0  # seconds that they may wait
QUIET = 0.5  # of the log's `apart` is added to the pause for every batch in a row in which nothing pressed
QUIETEST = 14  # such batches after which it is not added to any more


class Held:
    """Entries that wait for company: whatever of a case comes meanwhile is applied with them."""

    def __init__(self) -> None:
        self.count = 0
        self._of: dict[UUID | None, list[Entry]] = {}

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._of.setdefault(_case(entry), []).append(entry)
            self.count += 1

    def take(self, pressing: Iterable[Entry] | None = None) -> list[Entry]:
        """All that is held of the cases of these entries; of all cases with None. A case keeps its order."""
        cases = list(self._of) if pressing is None else {_case(entry) for entry in pressing}
        taken = [entry for case in cases for entry in self._of.pop(case)]
        self.count -= len(taken)
        return taken


def _case(entry: Entry) -> UUID | None:
    return None if entry.record is None else entry.record.case_id


class Consumer:
    """What one service hears. `apply` and the replay of parked messages exclude each other."""

    def __init__(self, service: "Service") -> None:
        self.service, self.store = service, service.store
        self.busy = asyncio.Lock()
        self._known = {kind.__name__: kind for kind in service.handlers}

    async def run(self, log: EventLog, stop: asyncio.Event) -> None:
        follower = await log.follow(self.service.name)
        try:
            await self._follow(follower, stop, min(self.service.gather, log.apart))
        finally:
            await follower.close()

    async def _follow(self, follower: Follower, stop: asyncio.Event, apart: float) -> None:
        time = asyncio.get_running_loop().time
        held, epoch, since, quiet = Held(), follower.epoch, time(), 0
        while not stop.is_set():
            entries = await follower.fetch(BATCH, WAIT)
            if follower.epoch != epoch:  # what was held back may be another member's now, and comes again
                epoch, held = follower.epoch, Held()
            since = since if held.count else time()
            held.add(entries)
            pressing = [one for one in entries if self._presses(one)]
            everything = not entries or held.count > HELD_BACK or time() - since > HOLD
            due = held.take() if everything else held.take(pressing)
            if due:
                await self._until_applied(due)
            if not held.count:
                await follower.done(())
            quiet = 0 if pressing or not entries else min(quiet + 1, QUIETEST)
            if entries:
                await asyncio.sleep(self.service.gather if due else apart * (1 + quiet * QUIET))
        if held.count:
            await self._until_applied(held.take())
            await follower.done(())

    def _presses(self, entry: Entry) -> bool:
        record = entry.record
        if record is None:
            return True
        if record.type not in self._known or record.source == self.service.name:
            return False
        return self.service.presses is None or self.service.presses(record)

    async def _until_applied(self, entries: Sequence[Entry]) -> None:
        """Apply the batch. What the database cannot take now is never counted against an event."""
        pause = 0.05
        while True:
            try:
                async with self.busy:
                    await self.apply(entries)
                return
            except Exception as error:
                if not is_transient(error):
                    raise
                log_.warning("consume.retry", extra=_about(self.service.name, "batch", place_of(error)))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def apply(self, entries: Sequence[Entry]) -> None:
        """Deal with every entry: applied, dropped, parked or buried."""
        others = [one for one in entries if one.record is None or one.record.source != self.service.name]
        records = [one.record for one in others if one.record is not None]
        letters = [one for one in others if one.record is None]
        if not others:
            return
        try:
            await self.store.run(partial(self._together, records=records, letters=letters))
        except Exception as error:
            if is_transient(error):
                raise
            for record in records:
                await self._alone(record)
            for letter in letters:
                await self.store.run(partial(parked.bury, entry=letter))

    def _together(self, tx: Tx, records: Sequence[Record], letters: Sequence[Entry]) -> None:
        guard = Guard(tx, records)
        wanted = []
        for record in records:
            verdict = guard.judge(record)
            if verdict is Verdict.NEXT:
                guard.advance(record)
                wanted.append(record)
            elif verdict is not Verdict.DUPLICATE:
                parked.park(tx, record, verdict.value)
        self.hear(tx, wanted)
        for letter in letters:
            parked.bury(tx, letter)
        guard.write(tx)

    async def _alone(self, record: Record) -> None:
        try:
            await self.store.run(partial(self._together, records=[record], letters=[]))
        except Exception as error:
            if is_transient(error):
                raise
            place, permanent = place_of(error), isinstance(error, ValidationError)
            why = parked.GAP if isinstance(error, TooEarly) else parked.FAILED
            log_.error("consume.parked", extra=_about(self.service.name, record.type, place))
            await self.store.run(lambda tx: parked.park(tx, record, why, place, permanent=permanent))

    def hear(self, tx: Tx, records: Sequence[Record]) -> None:
        """Hand these records to the service's handlers, whatever the guard says."""
        wanted = [record for record in records if record.type in self._known]
        events = [self._known[record.type].model_validate_json(record.body) for record in wanted]
        if self.service.prefetch is not None and len(events) > 1:
            self.service.prefetch(events, tx)
        for record, event in zip(wanted, events, strict=True):
            tx.source = record.source
            tx.put(*self.service.handlers[type(event)](event, tx))
        tx.source = self.service.name


def _about(service: str, kind: str, error: str) -> dict[str, str]:
    return {"service": service, "type": kind, "error": error}
