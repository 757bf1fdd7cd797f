"""Event log → handlers → own tables and outbox: one transaction per batch.

A batch that fails is taken apart: each event alone, and the one that fails alone is parked. An event that
no handler wants costs no transaction of its own; its position is written with the next batch, and always
before the log is told that it is done.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from services.kernel import parked
from services.kernel.eventlog import Entry, EventLog, Record
from services.kernel.faults import is_transient, place_of
from services.kernel.position import Guard, Verdict, read_positions, write_positions
from services.kernel.store import Tx

if TYPE_CHECKING:
    from services.kernel.service import Service

log_ = logging.getLogger(__name__)
BATCH = 100
WAIT = 0.5  # seconds
HELD_BACK = 500  # unwanted records whose positions may wait for company


class Consumer:
    """What one service hears. `apply` and the replay of parked messages exclude each other."""

    def __init__(self, service: "Service") -> None:
        self.service, self.store = service, service.store
        self.guard = Guard()
        self.busy = asyncio.Lock()
        self._known = {kind.__name__: kind for kind in service.handlers}
        self._unwritten: list[Record] = []

    async def start(self) -> None:
        self.guard.blocked = await self.store.read(parked.blocked_cases)

    async def run(self, log: EventLog, stop: asyncio.Event) -> None:
        follower = await log.follow(self.service.name)
        epoch = follower.epoch
        try:
            while not stop.is_set():
                entries = await follower.fetch(BATCH, WAIT)
                if follower.epoch != epoch:
                    epoch = follower.epoch
                    self.guard.forget()
                    self._unwritten.clear()
                if entries:
                    await self._until_applied(entries)
                elif self._unwritten:
                    await self.flush()
                if not self._unwritten:
                    await follower.done(entries)
                if entries and self.service.gather:
                    await asyncio.sleep(self.service.gather)
        finally:
            await follower.close()

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
        others = [e for e in entries if e.record is None or e.record.source != self.service.name]
        records = [entry.record for entry in others if entry.record is not None]
        await self._learn(records)
        batch = _Batch(records, [entry for entry in others if entry.record is None])
        for record in records:
            verdict = self.guard.judge(record)
            if verdict is Verdict.NEXT:
                self.guard.advance(record)
                batch.moved.append(record)
                if record.type in self._known:
                    batch.wanted.append(record)
            elif verdict is not Verdict.DUPLICATE:
                batch.waiting.append((record, verdict))
        if batch.wanted or batch.waiting or batch.letters:
            await self._commit(batch)
        else:
            self._unwritten.extend(batch.moved)
            if len(self._unwritten) > HELD_BACK:
                await self.flush()
        self.guard.shrink()

    async def _commit(self, batch: "_Batch") -> None:
        held, self._unwritten = self._unwritten, []

        def unit(tx: Tx) -> None:
            self._hear(tx, batch.wanted)
            for record, verdict in batch.waiting:
                parked.park(tx, record, verdict.value)
            for letter in batch.letters:
                parked.bury(tx, letter)
            write_positions(tx, held + batch.moved)

        try:
            await self.store.run(unit)
        except Exception as error:
            self._unwritten = held
            self.guard.forget({record.case_id for record in batch.records})
            if is_transient(error):
                raise
            await self._one_by_one(batch)

    async def _one_by_one(self, batch: "_Batch") -> None:
        await self.flush()
        await self._learn(batch.records)
        for record in batch.records:
            verdict = self.guard.judge(record)
            if verdict is Verdict.NEXT:
                await self._alone(record)
            elif verdict is not Verdict.DUPLICATE:
                await self.store.run(partial(parked.park, record=record, why=verdict.value))
        for letter in batch.letters:
            await self.store.run(partial(parked.bury, entry=letter))

    async def _alone(self, record: Record) -> None:
        try:
            await self.store.run(lambda tx: self.hear_one(tx, record))
            self.guard.advance(record)
        except Exception as error:
            if is_transient(error):
                raise
            place, permanent = place_of(error), isinstance(error, ValidationError)
            log_.error("consume.parked", extra=_about(self.service.name, record.type, place))
            await self.store.run(
                lambda tx: parked.park(tx, record, parked.FAILED, place, permanent=permanent)
            )
            self.guard.blocked.add(record.case_id)

    def hear_one(self, tx: Tx, record: Record) -> None:
        if record.type in self._known:
            self._hear(tx, [record])
        write_positions(tx, [record])

    def _hear(self, tx: Tx, records: Sequence[Record]) -> None:
        events = [self._known[record.type].model_validate_json(record.body) for record in records]
        if self.service.prefetch is not None and len(events) > 1:
            self.service.prefetch(events, tx)
        for record, event in zip(records, events, strict=True):
            tx.source = record.source
            tx.put(*self.service.handlers[type(event)](event, tx))
        tx.source = self.service.name

    async def _learn(self, records: Iterable[Record]) -> None:
        if cases := self.guard.unknown(records):
            positions = await self.store.read(lambda session: read_positions(session, cases))
            self.guard.learn(cases, positions)
            for record in self._unwritten:
                if record.case_id in cases:
                    self.guard.advance(record)

    async def flush(self) -> None:
        """Write the positions that were waiting for company."""
        if self._unwritten:
            moved = list(self._unwritten)
            await self.store.run(lambda tx: write_positions(tx, moved))
            del self._unwritten[: len(moved)]


@dataclass
class _Batch:
    """A fetched batch, sorted by what to do: apply, write down to wait, or bury."""

    records: list[Record]
    letters: list[Entry]
    moved: list[Record] = field(default_factory=list)
    wanted: list[Record] = field(default_factory=list)
    waiting: list[tuple[Record, Verdict]] = field(default_factory=list)


def _about(service: str, kind: str, error: str) -> dict[str, str]:
    return {"service": service, "type": kind, "error": error}
