"""When a person is needed although no try failed just now: time ran out, or nothing can be sent any more.

An urgent request is told to a person after 30 minutes (`urgent_overdue`) and goes on being tried: the person
acts, and a late success does no harm. Each row is looked at in a unit of its own, so that a service whose
`give_up` fails hurts one delivery only.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery import circuit, destinations, ledger, schedule
from services.kernel.delivery.kinds import Kinds
from services.kernel.delivery.models import DEAD, EXPIRED, PENDING, REFUSED, SENDING, UNKNOWN, DeliveryRow
from services.kernel.delivery.standing import LEDGER, Standing
from services.kernel.messages import Delivery
from services.kernel.sql import Sql
from services.kernel.tx import Tx

log_ = logging.getLogger(__name__)
AT_ONCE: Final = 50
LATER: Final = timedelta(hours=1)
_ROWS: Final = table(DeliveryRow)
_FIRST: Final = Sql(
    select(_ROWS.c.id, _ROWS.c.watch_at)
    .where(_ROWS.c.settled_at.is_(None), _ROWS.c.watch_at.is_not(None))
    .order_by(_ROWS.c.watch_at)
    .limit(AT_ONCE + 1)
)
_OF_GONE: Final = Sql(
    update(_ROWS)
    .where(_ROWS.c.settled_at.is_(None), among(_ROWS.c.destination, "gone"))
    .where(or_(_ROWS.c.state == PENDING, _ROWS.c.state == UNKNOWN), _ROWS.c.lease_until <= bindparam("now"))
    .values(watch_at=bindparam("now"))
)
_REQUEST: Final = Sql(
    select(_ROWS.c.kind, _ROWS.c.body, _ROWS.c.urgent).where(
        _ROWS.c.id == bindparam("row"), _ROWS.c.settled_at.is_(None), _ROWS.c.watch_at <= bindparam("now")
    )
)


def to_watch(tx: Tx, gone: Sequence[str]) -> tuple[list[UUID], datetime | None]:
    """Deliveries to look at now, and when the next is due. What waits for a `gone` destination is due now."""
    if gone:
        tx.run(_OF_GONE, gone=gone, now=tx.now)
    found = tx.all(_FIRST)
    due = [row.id for row in found if row.watch_at <= tx.now][:AT_ONCE]
    return due, found[len(due)].watch_at if len(found) > len(due) else None


def watch(tx: Tx, kinds: Kinds, row_id: UUID) -> None:
    """End what has run out, tell a person of what is urgent, and set the next time to look."""
    asked, row = tx.one(_REQUEST, row=row_id, now=tx.now), LEDGER.get(tx, row_id)
    if asked is None or row is None or row.settled_at is not None:
        return
    delivery = kinds.delivery(row.id, asked.kind, asked.body, row.fence, row.attempts, row.lease_until)
    if delivery is None:
        log_.error("delivery.unreadable", extra={"id": row.id, "type": asked.kind})
        row.watch_at = tx.now + LATER
    elif not _ended(tx, kinds, delivery, row):
        if asked.urgent and row.raised_at is None:
            ledger.tell_a_person(tx, kinds, delivery, row, "urgent_overdue")
        row.watch_at = max(_ends_at(row), row.lease_until)


def put_off(tx: Tx, row_id: UUID) -> None:
    """Look again later: this one could not be looked at now."""
    if row := LEDGER.get(tx, row_id):
        row.watch_at = tx.now + LATER


def _ends_at(row: Standing) -> datetime:
    """When automation ends. What may have arrived is asked about for its own time, whatever the deadline."""
    since = row.unknown_since
    return row.give_up_at if since is None else since + schedule.UNKNOWN_FOR


def _ended(tx: Tx, kinds: Kinds, delivery: Delivery, row: Standing) -> bool:
    if row.state == SENDING or row.lease_until > tx.now:
        return False  # its answer comes first, or its lease ends
    if destinations.destination_of(tx, delivery.destination).disabled == circuit.GONE:
        ledger.end(tx, kinds, delivery, row, REFUSED, "gone")
    elif tx.now < _ends_at(row):
        return False
    elif row.state == UNKNOWN:
        ledger.end(tx, kinds, delivery, row, DEAD, "unknown")
    else:
        ledger.end(tx, kinds, delivery, row, EXPIRED, "given_up")
    return True
