"""What is due: clocks that remind or have run out, the steps of a ladder, rounds of an alarm.

    look at the index ─▶ take the turn ─▶ a slice, its cases locked ─▶ say it, plan the next ─▶ commit

All of it happens in one transaction, so what was said and that it was said stand or fall together: a replica
that dies in the middle has said nothing, and the next one says it. The turn is a lease that the database
holds for the length of the transaction (an advisory lock; on one machine there is one writer), so that two
replicas do not fire one clock twice, nor wait for each other. Late ones are fired once: what is said is what
is true now, not every reminder that was slept through (docs/decisions/0015).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Integer, Select, bindparam, func, select

from services.domain import clock_acts
from services.domain.clock_course import announced, heard
from services.domain.clocks import State
from services.domain.events import DeadlineApproaching, DeadlineMissed
from services.domain.periods import Clock
from services.domain.refusals import Refusal
from services.kernel.columns import table
from services.kernel.faults import is_transient, place_of
from services.kernel.kept import Kept
from services.kernel.messages import Message
from services.kernel.place import PLACES
from services.kernel.sql import Look, Sql
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.router import escalating, on_call
from services.router.alerts import ALERTS, RouterAlert
from services.router.cases import CASES
from services.router.clocks import CLOCKS, RouterClock, Row
from services.router.counting import end_lapsed
from services.router.periods import Periods, log
from services.router.rules import Desk

SLICE: Final = 200
_TURN: Final = Sql({"postgresql": select(func.pg_try_advisory_xact_lock(4715).label("mine"))})


class Due(NamedTuple):
    id: UUID
    case_id: UUID


class Timed(Protocol):
    """A row that is looked at again at `next_at`."""

    next_at: datetime | None


T = TypeVar("T", bound=Timed)


def _due(rows: type[RouterClock] | type[RouterAlert]) -> Sql[Due]:
    columns = table(rows).c
    found: Select[tuple[UUID, UUID]] = (
        select(columns.id, columns.case_id)
        .where(columns.next_at.is_not(None), columns.next_at <= bindparam("now"))
        .order_by(columns.next_at)
        .limit(bindparam("most", type_=Integer))
    )
    return Sql(found, Due)


DUE_CLOCKS: Final = _due(RouterClock)
DUE_ALERTS: Final = _due(RouterAlert)
_NEXT: Final = Sql(
    select(*(
        select(rows.c.next_at).where(rows.c.next_at.is_not(None)).order_by(rows.c.next_at).limit(1)
        .scalar_subquery().label(rows.name)
        for rows in (table(RouterClock), table(RouterAlert))
    ))
)  # fmt: skip


def next_due(look: Look) -> datetime | None:
    """When something is due next: one statement, one step into each index."""
    return min((at for at in look.all(_NEXT)[0] if at is not None), default=None)


async def fire_due(store: Store, desk: Desk) -> None:
    """Fire everything that is due, slice by slice; nothing due costs one look."""
    try:
        fired = 1
        while fired and (at := await store.read(next_due)) is not None and at <= store.now():
            fired = await store.run(lambda tx: fire(tx, desk))
    except Exception as error:
        if not is_transient(error):
            raise
        log.warning("clock.retry", error=place_of(error))  # the next look finds the same rows


def fire(tx: Tx, desk: Desk) -> int:
    """One slice: how many rows it dealt with. 0 as well when it is another replica's turn."""
    if tx.instance and not tx.all(_TURN)[0].mine:
        return 0
    return _each(tx, DUE_ALERTS, ALERTS, lambda alert: on_call.ring(desk.duty, alert, tx)) + _each(
        tx, DUE_CLOCKS, CLOCKS, lambda row: signal(desk, row, tx)
    )


def _each(tx: Tx, due: Sql[Due], kept: Kept[T], say: Callable[[T], Iterator[Message]]) -> int:
    """The cases are locked first, as whoever hears an event does it; then what is due is looked at again."""
    found: Sequence[Due] = tx.all(due, now=tx.now, most=SLICE)
    if not found:
        return 0
    cases = {one.case_id for one in found}
    PLACES.load(tx, cases)
    CASES.load(tx, cases)
    kept.load(tx, [one.id for one in found])
    for one in found:
        row = kept.get(tx, one.id)
        if row is not None and row.next_at is not None and row.next_at <= tx.now:
            tx.put(*say(row))
    return len(found)


def signal(desk: Desk, row: Row, tx: Tx) -> Iterator[Message]:
    """What this clock says now that its moment has come, and when it is looked at again."""
    periods = desk.periods
    definition, case = periods.by_id.get(row.clock), CASES.get(tx, row.case_id)
    if definition is None or case is None:
        end_lapsed(row, None, tx.now)
        return
    if row.state == State.MISSED:
        yield from escalating.climb(desk, row, case, tx)
    elif (at := _listened_to(row, definition, periods, tx.now)) > tx.now:
        row.next_at = at
    elif tx.now < row.due:
        row.said, row.told = announced(row.value(definition), periods.calendar, tx.now), True
        row.next_at = periods.next_at(row, tx.now)
        yield DeadlineApproaching(
            case_id=row.case_id, at=tx.now, clock=row.clock, due=row.due, article=row.article,
            unit=row.unit or case.unit,
        )  # fmt: skip
    else:
        row.take(clock_acts.miss(row.value(definition), tx.now))
        row.told = True
        yield DeadlineMissed(
            case_id=row.case_id, at=tx.now, clock=row.clock, due=row.due, article=row.article,
            unit=row.unit or case.unit,
        )  # fmt: skip
        yield from escalating.climb(desk, row, case, tx)


def _listened_to(row: Row, definition: Clock, periods: Periods, now: datetime) -> datetime:
    """`now`, or the next opening: who slept through a reminder does not give it at midnight."""
    try:
        return heard(now, row.value(definition), periods.calendar)
    except Refusal:
        return now
