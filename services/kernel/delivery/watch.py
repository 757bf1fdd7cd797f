"""When a person is needed although no try failed just now: time ran out, or nothing can be sent any more.

An urgent request is told to a person after 30 minutes (`urgent_overdue`) and goes on being tried: the person
acts, and a late success does no harm. Each row is looked at in a unit of its own, so that a service whose
`give_up` fails hurts one delivery only.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, or_, select, update

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery import circuit, destinations, ledger, schedule
from services.kernel.delivery.kinds import Kinds
from services.kernel.delivery.models import (
    DEAD,
    EXPIRED,
    PENDING,
    REFUSED,
    SENDING,
    UNKNOWN,
    DeliveryRow,
)  # fmt: skip
from services.kernel.messages import Delivery
from services.kernel.store import Tx

log_ = logging.getLogger(__name__)
AT_ONCE: Final = 50
LATER: Final = timedelta(hours=1)
_ROWS = table(DeliveryRow)
_COLUMNS = [
    _ROWS.c[name]
    for name in (
        "id", "destination", "kind", "body", "state", "urgent", "fence", "attempts", "lease_until",
        "give_up_at", "raised_at", "unknown_since",
    )
]  # fmt: skip
_FIRST = (
    select(_ROWS.c.id, _ROWS.c.watch_at)
    .where(_ROWS.c.settled_at.is_(None))
    .order_by(_ROWS.c.watch_at)
    .limit(AT_ONCE + 1)
)
_OF_GONE = (
    update(_ROWS)
    .where(_ROWS.c.settled_at.is_(None), among(_ROWS.c.destination, "gone"))
    .where(or_(_ROWS.c.state == PENDING, _ROWS.c.state == UNKNOWN), _ROWS.c.lease_until <= bindparam("now"))
    .values(watch_at=bindparam("now"))
)
_DUE = select(*_COLUMNS).where(
    _ROWS.c.id == bindparam("row"), _ROWS.c.settled_at.is_(None), _ROWS.c.watch_at <= bindparam("now")
)
_LOOK_AGAIN = update(_ROWS).where(_ROWS.c.id == bindparam("row")).values(watch_at=bindparam("at"))


def to_watch(tx: Tx, gone: Sequence[str]) -> tuple[list[UUID], datetime | None]:
    """Deliveries to look at now, and when the next is due. What waits for a `gone` destination is due now."""
    if gone:
        tx.connection().execute(_OF_GONE, {"gone": gone, "now": tx.now})
    found = [(row.id, row.watch_at) for row in tx.connection().execute(_FIRST)]
    due = [row_id for row_id, at in found if at <= tx.now][:AT_ONCE]
    return due, found[len(due)][1] if len(found) > len(due) else None


def watch(tx: Tx, kinds: Kinds, row_id: UUID) -> None:
    """End what has run out, tell a person of what is urgent, and set the next time to look."""
    row = tx.connection().execute(_DUE, {"row": row_id, "now": tx.now}).one_or_none()
    if row is None:
        return
    delivery = kinds.delivery(row.id, row.kind, row.body, row.fence, row.attempts, row.lease_until)
    if delivery is None:
        log_.error("delivery.unreadable", extra={"id": row.id, "type": row.kind})
        put_off(tx, row.id)
    elif not _ended(tx, kinds, delivery, row):
        if row.urgent and row.raised_at is None:
            ledger.tell_a_person(tx, kinds, delivery, "urgent_overdue")
        _look_again(tx, row.id, max(_ends_at(row), row.lease_until))


def put_off(tx: Tx, row_id: UUID) -> None:
    """Look again later: this one could not be looked at now."""
    _look_again(tx, row_id, tx.now + LATER)


def _ends_at(row: "Row[Any]") -> datetime:
    """When automation ends. What may have arrived is asked about for its own time, whatever the deadline."""
    since: datetime | None = row.unknown_since
    ends: datetime = row.give_up_at if since is None else since + schedule.UNKNOWN_FOR
    return ends


def _ended(tx: Tx, kinds: Kinds, delivery: Delivery, row: "Row[Any]") -> bool:
    if row.state == SENDING or row.lease_until > tx.now:
        return False  # its answer comes first, or its lease ends
    if destinations.destination_of(tx, row.destination).disabled == circuit.GONE:
        return ledger.end(tx, kinds, delivery, row.state, REFUSED, "gone")
    if tx.now < _ends_at(row):
        return False
    if row.state == UNKNOWN:
        return ledger.end(tx, kinds, delivery, UNKNOWN, DEAD, "unknown")
    return ledger.end(tx, kinds, delivery, PENDING, EXPIRED, "given_up")


def _look_again(tx: Tx, row_id: UUID, at: datetime) -> None:
    tx.connection().execute(_LOOK_AGAIN, {"row": row_id, "at": at})
