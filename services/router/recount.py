"""The work calendar changed (a year was published, a day was closed): open clocks are computed again.

In slices, each a short transaction, from the first open clock to the last; how far it has come stands in a
row, so that a restart goes on, pages show progress, and only one replica does it at a time. Due work and new
cases go on between two slices.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select
from sqlmodel import Field, Session, SQLModel

from services.domain.clock_course import recomputed
from services.domain.clocks import State
from services.domain.events import DeadlineRecomputed
from services.domain.refusals import Refusal
from services.kernel.columns import UtcDateTime, table
from services.kernel.kept import Kept
from services.kernel.place import PLACES
from services.kernel.sql import Sql
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.router.clocks import CLOCKS, RouterClock, Row
from services.router.periods import Periods, log

SLICE: Final = 100  # some 20 ms, for which a case that is written down waits on one machine
PAUSE: Final = 0.02  # seconds between two slices: half of the time is everybody else's
_TURN: Final = Sql({"postgresql": select(func.pg_try_advisory_xact_lock(4716).label("mine"))})
_TABLE: Final = table(RouterClock)
_OPEN: Final = (_TABLE.c.ended_at.is_(None), _TABLE.c.state != State.MISSED.value)
_NEXT: Final = Sql(
    select(_TABLE.c.id, _TABLE.c.case_id)
    .where(*_OPEN, _TABLE.c.id > bindparam("after"))
    .order_by(_TABLE.c.id)
    .limit(bindparam("most", type_=Integer))
)
_COUNT: Final = Sql(select(func.count().label("open")).where(*_OPEN))


class RouterRecount(SQLModel, table=True):
    """How far the clocks follow the calendar. `calendar`: its fingerprint; `last`: the last clock looked at.

    `seen` of `total` clocks were looked at, `moved` of them got another end. One row.
    """

    __tablename__ = "router_recount"
    id: int = Field(primary_key=True)
    calendar: str
    last: UUID | None
    seen: int
    moved: int
    total: int
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)


@dataclass(slots=True)
class Progress:
    """The row of `router_recount`."""

    id: int
    calendar: str
    last: UUID | None
    seen: int
    moved: int
    total: int
    began_at: datetime
    ended_at: datetime | None


PROGRESS: Final = Kept(RouterRecount, Progress, key="id")


async def follow_calendar(store: Store, periods: Periods) -> None:
    """Compute the clocks again if the calendar is another than theirs; nothing to do costs one look."""
    calendar = periods.calendar.fingerprint
    known = await store.read(progress)
    if known is not None and known.calendar == calendar and known.ended_at is not None:
        return
    total = await store.read(lambda look: look.all(_COUNT)[0].open)
    more = True
    while more:
        more = await store.run(partial(go_on, periods=periods, calendar=calendar, total=total))
        await asyncio.sleep(PAUSE)


def progress(session: Session) -> RouterRecount | None:
    """How far the last recount is, or was."""
    return session.get(RouterRecount, 1)


def go_on(tx: Tx, periods: Periods, calendar: str, total: int) -> bool:
    """One slice; whether there may be more. Another replica's turn: nothing."""
    if tx.instance and not tx.all(_TURN)[0].mine:
        return False
    row = PROGRESS.get(tx, 1)
    if row is None:
        row = PROGRESS.add(tx, Progress(1, "", None, 0, 0, total, tx.now, None))
    if row.calendar != calendar:
        row.calendar, row.last, row.seen, row.moved = calendar, None, 0, 0
        row.total, row.began_at, row.ended_at = total, tx.now, None
    found = [] if row.ended_at else tx.all(_NEXT, after=row.last or UUID(int=0), most=SLICE)
    if not found:
        row.ended_at = row.ended_at or tx.now
        log.info("clock.recounted", count=row.seen, rows=row.moved)
        return False
    PLACES.load(tx, {one.case_id for one in found})
    CLOCKS.load(tx, [one.id for one in found])
    for one in found:
        clock = CLOCKS.get(tx, one.id)
        row.moved += clock is not None and _again(periods, clock, tx)
    row.seen, row.last = row.seen + len(found), found[-1].id
    return True


def _again(periods: Periods, row: Row, tx: Tx) -> bool:
    """Whether the clock ends at another moment now."""
    definition = periods.by_id.get(row.clock)
    if definition is None or row.ended_at is not None:
        return False
    was = row.due
    try:
        row.take(recomputed(row.value(definition), periods.calendar))
    except Refusal:
        return False
    row.next_at = periods.next_at(row, tx.now)
    if row.due == was:
        return False
    row.told = True
    tx.put(
        DeadlineRecomputed(
            case_id=row.case_id, at=tx.now, clock=row.clock, due=row.due, was=was, article=row.article,
            unit=row.unit, provisional=row.provisional,
        )
    )  # fmt: skip
    return True
