"""Events out of the outboxes into the log once more: those that somebody has not heard, or all of them.

The outboxes hold what was said, the positions what each service has heard: together they know what a lost log
took with it. Case by case, in the order in which its events came about, whichever service said them; what a
service has heard already, its guard drops.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.engine import make_url

from services.commands.builders import BUILDERS
from services.commands.installation import NotPossible
from services.commands.unheard import Ends, known_of, lost, unheard
from services.kernel import outbox
from services.kernel.eventlog import EventLog, Record
from services.kernel.outbox import Span
from services.kernel.service import KERNEL
from services.kernel.settings import Settings
from services.kernel.store import Store
from services.kernel.surroundings import real

CASES: Final = 200  # whose events are in memory at once
BATCH: Final = 500  # records in one append
EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)

Stores = Mapping[str, Store]


@dataclass(frozen=True)
class Wish:
    """`everything`: also what all have heard; of that, `since` and `case` take a part."""

    everything: bool = False
    since: datetime = EVER
    case: UUID | None = None


@dataclass
class Tally:
    """`lost`: events that somebody has not heard and that no outbox holds any more."""

    cases: int = 0
    records: int = 0
    lost: int = 0


@asynccontextmanager
async def stores_of(settings: Settings) -> AsyncIterator[Stores]:
    """Every service's store, to be looked into. NotPossible, StoreUnusable."""
    async with AsyncExitStack() as stack:
        stores = {}
        for name in BUILDERS:
            stores[name] = Store(_url(settings, name), name, (KERNEL,), real())
            stack.push_async_callback(stores[name].close)
            await stores[name].start(visiting=True)
        yield stores


def _url(settings: Settings, name: str) -> str:
    url = settings.store_url(name)
    if url.startswith("sqlite:") and not Path(make_url(url).database or "").exists():
        where = make_url(url).database  # opened, it would be made
        raise NotPossible(f"没有 {name} 的数据：{where}。/ There is no data of {name}: {where}.")
    return url


async def republish(stores: Stores, log: EventLog, wish: Wish, rate: float) -> Tally:
    """Append what is wished for, at most `rate` records a second. What the log does not take, it raises."""
    tally, time = Tally(), asyncio.get_running_loop().time
    began = time()
    async for records in _pages(stores, wish, tally):
        for start in range(0, len(records), BATCH):
            part = records[start : start + BATCH]
            await log.append(part)
            tally.records += len(part)
            await asyncio.sleep(max(0.0, began + tally.records / rate - time()))
    return tally


async def _pages(stores: Stores, wish: Wish, tally: Tally) -> AsyncIterator[list[Record]]:
    """The records of some cases at a time, each case's together and in order."""
    beyond = UUID(int=0) if wish.case is None else UUID(int=max(0, wish.case.int - 1))
    while True:
        spans, last = await _spans(stores, beyond, wish)
        if last is None:
            return
        ends = await _ends(stores, spans, wish, tally)
        wanted = sorted({case for of in ends.values() for case in of})
        said = await asyncio.gather(*(_said(stores[name], of) for name, of in ends.items()))
        tally.cases += len(wanted)
        yield [record for case in wanted for record in _merged([of.get(case, ()) for of in said])]
        if wish.case is not None:
            return
        beyond = last


async def _spans(stores: Stores, beyond: UUID, wish: Wish) -> tuple[dict[str, list[Span]], UUID | None]:
    """Of each service the same next cases, and the last of them; None: there are no more."""
    most = CASES if wish.case is None else 1
    found = {
        name: await store.read(lambda look: outbox.spans(look, beyond, wish.since, most))
        for name, store in stores.items()
    }
    last = max((spans[-1].case_id for spans in found.values() if spans), default=None)
    full = [spans[-1].case_id for spans in found.values() if len(spans) == most]
    last = wish.case if wish.case is not None else min(full, default=last)
    if last is None:
        return {}, None
    return {name: [one for one in spans if one.case_id <= last] for name, spans in found.items()}, last


async def _ends(
    stores: Stores, spans: Mapping[str, Sequence[Span]], wish: Wish, tally: Tally
) -> dict[str, Ends]:
    if wish.everything:
        return {name: {one.case_id: one.first - 1 for one in of} for name, of in spans.items()}
    cases = {one.case_id for of in spans.values() for one in of}
    known = {name: await store.read(lambda look: known_of(look, cases)) for name, store in stores.items()}
    ends: dict[str, Ends] = {}
    for name, of in spans.items():
        others = [one for other, one in known.items() if other != name]
        ends[name] = unheard(name, of, others)
        tally.lost += sum(lost(name, one, others) for one in of)
    return ends


async def _said(store: Store, ends: Ends) -> dict[UUID, list[Record]]:
    """Of each case what the service said after that."""
    found: dict[UUID, list[Record]] = {}
    if ends:
        for record in await store.read(lambda look: outbox.of_cases(look, store.service, ends.keys())):
            if record.seq > ends[record.case_id]:
                found.setdefault(record.case_id, []).append(record)
    return found


def _merged(queues: Iterable[Sequence[Record]]) -> list[Record]:
    """One case's events of several services as they came about: each service's in its order, and between
    services by their ids, which begin with the database's time (UUIDv7). A cause comes before its effect."""
    waiting = [list(reversed(queue)) for queue in queues if queue]
    merged = []
    while waiting:
        first = min(waiting, key=lambda queue: queue[-1].id)
        merged.append(first.pop())
        waiting = [queue for queue in waiting if queue]
    return merged
