"""Event log → handlers → own tables and outbox: one transaction per batch.

    fetch → judge by position → apply what is next, park what is early or behind a failed one → positions

A batch that fails is taken apart: each event alone, and the one that fails alone is parked. Events that no
handler wants wait for company, and are dealt with before the log is told that they are done.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from services.kernel import parked
from services.kernel.eventlog import Entry, EventLog, Follower, Record
from services.kernel.faults import is_transient, place_of
from services.kernel.position import Guard, Verdict
from services.kernel.tx import Tx

if TYPE_CHECKING:
    from services.kernel.service import Service

log_ = logging.getLogger(__name__)
BATCH = 100
WAIT = 0.5  # seconds
HELD_BACK = 500  # entries that nobody here wants and that may wait for company


class Consumer:
    """What one service hears. `apply` and the replay of parked messages exclude each other."""

    def __init__(self, service: "Service") -> None:
        self.service, self.store = service, service.store
        self.busy = asyncio.Lock()
        self._known = {kind.__name__: kind for kind in service.handlers}

    async def run(self, log: EventLog, stop: asyncio.Event) -> None:
        follower = await log.follow(self.service.name)
        try:
            await self._follow(follower, stop)
        finally:
            await follower.close()

    async def _follow(self, follower: Follower, stop: asyncio.Event) -> None:
        held: list[Entry] = []
        epoch = follower.epoch
        while not stop.is_set():
            entries = await follower.fetch(BATCH, WAIT)
            if follower.epoch != epoch:  # what was held back may be another member's now, and comes again
                epoch, held = follower.epoch, []
            held += entries
            if held and (not entries or len(held) > HELD_BACK or any(map(self._wants, entries))):
                await self._until_applied(held)
                held = []
            if not held:
                await follower.done(entries)
            if entries and self.service.gather:
                await asyncio.sleep(self.service.gather)
        if held:
            await self._until_applied(held)
            await follower.done(held)

    def _wants(self, entry: Entry) -> bool:
        record = entry.record
        return record is None or (record.type in self._known and record.source != self.service.name)

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
            log_.error("consume.parked", extra=_about(self.service.name, record.type, place))
            await self.store.run(
                lambda tx: parked.park(tx, record, parked.FAILED, place, permanent=permanent)
            )

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
