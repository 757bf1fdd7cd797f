"""What an operator sees of the ledger and may do. After an action: `Deliveries.wake`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, text, update
from sqlmodel import Session

from services.kernel.columns import table
from services.kernel.delivery import circuit, destinations, schedule
from services.kernel.delivery.circuit import Destination
from services.kernel.delivery.erasure import BLANK
from services.kernel.delivery.models import (
    CALLED_OFF,
    DELIVERED,
    FAILED,
    HAS_FAILED,
    PENDING,
    SENDING,
    UNKNOWN,
    DeliveryRow,
    DestinationRow,
)  # fmt: skip
from services.kernel.delivery.standing import LEDGER, Standing
from services.kernel.sql import Sql
from services.kernel.tx import Tx

_ROWS: Final = table(DeliveryRow)
_DESTINATIONS: Final = table(DestinationRow)
_KEYED: Final = update(_ROWS).where(
    _ROWS.c.key == bindparam("of_key"), _ROWS.c.destination == bindparam("name")
)
_SETTLE_WAITING: Final = Sql(
    _KEYED.where(
        or_(_ROWS.c.state == PENDING, _ROWS.c.state == UNKNOWN), _ROWS.c.settled_at.is_(None)
    ).values(state=bindparam("to"), settled_at=bindparam("at"), unknown_since=None, fence=_ROWS.c.fence + 1)
)
_LAST_TRY: Final = Sql(
    _KEYED.where(_ROWS.c.state == SENDING).values(
        give_up_at=bindparam("at"), watch_at=bindparam("at"), raised_at=bindparam("at")
    )
)
_OF_KEY: Final = Sql(
    select(_ROWS.c.id, _ROWS.c.urgent).where(
        _ROWS.c.key == bindparam("of_key"), _ROWS.c.destination == bindparam("name"), _ROWS.c.body != BLANK
    )
)
_REQUEST: Final = Sql(select(_ROWS.c.urgent).where(_ROWS.c.id == bindparam("row"), _ROWS.c.body != BLANK))


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery as a page lists it; its content stays sealed in the row."""

    id: UUID
    key: str
    destination: str
    case_id: UUID
    kind: str
    state: str
    urgent: bool
    attempts: int
    created_at: datetime
    due_at: datetime
    give_up_at: datetime
    raised_at: datetime | None
    settled_at: datetime | None
    status: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many deliveries of one destination are in one state, and since when the oldest waits."""

    destination: str
    state: str
    rows: int
    oldest: datetime


_LISTED: Final = [_ROWS.c[name] for name in Entry.__dataclass_fields__]


def list_open(
    session: Session, *, destination: str | None = None, failed: bool = False, after: UUID | None = None,
    limit: int = 50,
) -> list[Entry]:  # fmt: skip
    """Deliveries under way, or those that ended without success (`failed`); oldest first, from `after` on."""
    found = select(*_LISTED).where(text(HAS_FAILED) if failed else _ROWS.c.settled_at.is_(None))
    if destination is not None:
        found = found.where(_ROWS.c.destination == destination)
    if after is not None:
        found = found.where(_ROWS.c.id > after)
    rows = session.connection().execute(found.order_by(_ROWS.c.id).limit(limit))
    return [Entry(*row) for row in rows]


def counts(session: Session) -> list[Count]:
    """What is open and what has failed, by destination and state. What was delivered is not counted here."""
    found = []
    for which in (_ROWS.c.settled_at.is_(None), text(HAS_FAILED)):
        rows = session.connection().execute(
            select(_ROWS.c.destination, _ROWS.c.state, func.count(), func.min(_ROWS.c.created_at))
            .where(which)
            .group_by(_ROWS.c.destination, _ROWS.c.state)
        )
        found += [Count(*row) for row in rows]
    return found


def list_destinations(session: Session) -> Sequence[Destination]:
    names = list(Destination.__dataclass_fields__)
    rows = session.connection().execute(select(*(_DESTINATIONS.c[name] for name in names)))
    return [Destination(**row._mapping) for row in rows]


def retry_now(tx: Tx, row_id: UUID) -> bool:
    """Try again at once, or ask at once where the outcome is unknown; False if it is under way or done with.

    The schedule starts anew. What had ended gets its whole time again, and a person hears of a new end. A
    closed destination or an open circuit still holds it: see `open_destination`.
    """
    asked, row = tx.one(_REQUEST, row=row_id), LEDGER.get(tx, row_id)
    if (
        asked is None
        or row is None
        or row.state not in (PENDING, UNKNOWN, *FAILED)
        or row.lease_until > tx.now
    ):
        return False
    row.due_at = tx.now
    if row.state != UNKNOWN:
        row.attempts = row.refusals = 0
    if row.settled_at is not None:
        _begin_anew(tx, row, asked.urgent)
    return True


def send_again(tx: Tx, destination: str, key: str) -> bool:
    """Send once more, under the same key, what was delivered and lost there. False: nothing can be sent."""
    found = tx.one(_OF_KEY, of_key=key, name=destination)
    row = LEDGER.get(tx, found.id) if found else None
    if found is None or row is None or row.state != DELIVERED:
        return False
    row.due_at, row.attempts, row.refusals = tx.now, 0, 0
    _begin_anew(tx, row, found.urgent)
    return True


def _begin_anew(tx: Tx, row: Standing, urgent: bool) -> None:
    row.state, row.settled_at, row.raised_at, row.unknown_since = PENDING, None, None, None
    row.give_up_at = schedule.give_up_at(tx.now, None)
    row.watch_at = schedule.watch_at(tx.now, urgent, row.give_up_at)


def confirm(tx: Tx, destination: str, key: str) -> bool:
    """A call-back or a receipt shows that it arrived: no further try, no question. False: nothing waited.

    A try under way settles itself. The caller puts the events.
    """
    return _settle_waiting(tx, destination, key, DELIVERED)


def call_off(tx: Tx, destination: str, key: str) -> bool:
    """It is no longer wanted: no further try, no question. False: nothing waited.

    A try under way settles itself, and is the last one; nobody is told when it fails.
    """
    if _settle_waiting(tx, destination, key, CALLED_OFF):
        return True
    tx.run(_LAST_TRY, of_key=key, name=destination, at=tx.now)
    return False


def _settle_waiting(tx: Tx, destination: str, key: str, state: str) -> bool:
    return tx.run(_SETTLE_WAITING, of_key=key, name=destination, to=state, at=tx.now) == 1


def close_destination(tx: Tx, name: str) -> None:
    """Send nothing there until it is opened; what waits keeps its deadline."""
    destinations.keep(tx, circuit.disabled(destinations.destination_of(tx, name), circuit.CLOSED))


def open_destination(tx: Tx, name: str) -> None:
    """Send again, whatever closed it: an operator, a 410, or its circuit."""
    destinations.keep(tx, circuit.opened_again(destinations.destination_of(tx, name), tx.now))


def limit_destination(tx: Tx, name: str, max_inflight: int | None) -> None:
    """How many calls may be under way there at once; None: the service's own limit."""
    destinations.keep(tx, replace(destinations.destination_of(tx, name), max_inflight=max_inflight))
