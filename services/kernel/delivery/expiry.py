"""Leases that ended without an answer: the process died, hung, or lost its network.

Whether the request arrived is not known. Where the partner can be asked, it is asked first; otherwise the
request goes out again under the same key.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery import schedule
from services.kernel.delivery.attempts import close_lost
from services.kernel.delivery.kinds import Kinds
from services.kernel.delivery.models import PENDING, SENDING, UNKNOWN, DeliveryRow
from services.kernel.store import Tx

_ROWS = table(DeliveryRow)
REASON: Final = "lease_expired"
_ENDED = (
    select(_ROWS.c.id, _ROWS.c.kind, _ROWS.c.attempts, _ROWS.c.watch_at)
    .where(_ROWS.c.settled_at.is_(None), among(_ROWS.c.destination, "names"))
    .where(_ROWS.c.state == SENDING, _ROWS.c.lease_until <= bindparam("now"))
)
_ONE = update(_ROWS).where(_ROWS.c.id == bindparam("row"))  # sets the columns that its parameters name


def unknown_values(now: datetime, kinds: Kinds, watch_at: datetime) -> dict[str, object]:
    """What a row becomes whose answer was lost and whose partner can be asked."""
    return {
        "state": UNKNOWN, "unknown_since": now, "due_at": now + kinds.ask_after,
        "lease_until": now, "watch_at": min(watch_at, now + schedule.UNKNOWN_FOR),
    }  # fmt: skip


def take_back(tx: Tx, kinds: Kinds, destinations: Sequence[str]) -> bool:
    """Take back what these destinations' ended leases hold; True if there was anything.

    The wait before a repeat is one step shorter than after a failure: the first comes at once.
    """
    if not destinations:
        return False
    rows = tx.connection().execute(_ENDED, {"names": destinations, "now": tx.now}).all()
    close_lost(tx, [row.id for row in rows], REASON)
    why: dict[str, object] = {"reason": REASON, "status": None}
    if asked := [row for row in rows if row.kind in kinds.asked]:
        tx.connection().execute(
            _ONE, [{"row": row.id, **unknown_values(tx.now, kinds, row.watch_at), **why} for row in asked]
        )
    if again := [row for row in rows if row.kind not in kinds.asked]:
        why |= {"state": PENDING, "lease_until": tx.now}
        waits = [schedule.wait(row.attempts - 1, tx.random) for row in again]
        tx.connection().execute(
            _ONE,
            [{"row": row.id, "due_at": tx.now + wait, **why} for row, wait in zip(again, waits, strict=True)],
        )
    return bool(rows)


def recover(tx: Tx) -> int:
    """End the leases of a process that is gone; return how many. Only where this store has one owner."""
    tx.connection().execute(
        update(_ROWS)
        .where(_ROWS.c.settled_at.is_(None), _ROWS.c.state == UNKNOWN, _ROWS.c.lease_until > tx.now)
        .values(lease_until=tx.now, due_at=tx.now)
    )
    ended = tx.connection().execute(
        update(_ROWS).where(_ROWS.c.settled_at.is_(None), _ROWS.c.state == SENDING).values(lease_until=tx.now)
    )
    return ended.rowcount
