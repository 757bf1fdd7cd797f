"""Leases that ended without an answer: the process died, hung, or lost its network.

Whether the request arrived is not known. Where the partner can be asked, it is asked first; otherwise the
request goes out again under the same key.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Update, bindparam, literal_column, select, text, update

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery import schedule
from services.kernel.delivery.attempts import close_lost
from services.kernel.delivery.kinds import Kinds
from services.kernel.delivery.ledger import become_unknown
from services.kernel.delivery.models import PENDING, SENDING, UNKNOWN, DeliveryRow
from services.kernel.delivery.standing import LEDGER
from services.kernel.sql import Row, Sql
from services.kernel.tx import Tx

REASON: Final = "lease_expired"
_ROWS: Final = table(DeliveryRow)
_ENDED: Final = Sql(
    select(_ROWS.c.id, _ROWS.c.kind)
    .where(_ROWS.c.settled_at.is_(None), among(_ROWS.c.destination, "names"))
    .where(_ROWS.c.state == SENDING, _ROWS.c.lease_until <= bindparam("now"))
)
_ALIVE: Final[Select[Any]] = (
    select(literal_column("objid::bigint"))
    .select_from(text("pg_locks"))
    .where(
        text("locktype = 'advisory' AND classid = 4712 AND granted"),
        text("database = (SELECT oid FROM pg_database WHERE datname = current_database())"),
    )
)


def _of_the_dead(clause: Update) -> Sql[Row]:
    """On SQLite there was one process, and it is gone; on PostgreSQL those whose session has ended are."""
    return Sql({"sqlite": clause, "postgresql": clause.where(_ROWS.c.owner.not_in(_ALIVE))})


def _settled(clause: Update) -> Update:
    """Not while the server has just come back: a process that lives may be on its way back to it."""
    return clause.where(text("pg_postmaster_start_time() < clock_timestamp() - interval '10 seconds'"))


_OURS: Final = Sql(
    select(_ROWS.c.id).where(
        _ROWS.c.settled_at.is_(None),
        _ROWS.c.lease_until > bindparam("now"),
        _ROWS.c.owner == bindparam("process"),
    )
)
_LEASED: Final = update(_ROWS).where(_ROWS.c.settled_at.is_(None), _ROWS.c.lease_until > bindparam("now"))
_ASKED: Final = _LEASED.where(_ROWS.c.state == UNKNOWN).values(
    lease_until=bindparam("now"), due_at=bindparam("now")
)
_SENT: Final = _LEASED.where(_ROWS.c.state == SENDING).values(lease_until=bindparam("now"))
_AT_FIRST: Final = _of_the_dead(_ASKED), _of_the_dead(_SENT)
_LATER: Final = _of_the_dead(_settled(_ASKED)), _of_the_dead(_settled(_SENT))


def take_back(tx: Tx, kinds: Kinds, destinations: Sequence[str]) -> bool:
    """Take back what these destinations' ended leases hold; True if there was anything.

    The wait before a repeat is one step shorter than after a failure: the first comes at once.
    """
    if not destinations:
        return False
    ended = tx.all(_ENDED, names=destinations, now=tx.now)
    LEDGER.load(tx, [found.id for found in ended])
    close_lost(tx, [found.id for found in ended], REASON)
    for found in ended:
        row = LEDGER.get(tx, found.id)
        if row is None or row.state != SENDING or row.lease_until > tx.now:
            continue  # another replica was faster
        row.status, row.reason = None, REASON
        if found.kind in kinds.asked:
            become_unknown(row, tx.now, kinds)
        else:
            row.state, row.lease_until = PENDING, tx.now
            row.due_at = tx.now + schedule.wait(row.attempts - 1, tx.random)
    return bool(ended)


def recover(tx: Tx, *, first: bool = True) -> int:
    """End the leases of processes that are gone; return how many sends were under way.

    `first`: at our start; later only other processes can be gone.
    """
    asked, sent = _AT_FIRST if first else _LATER
    tx.run(asked, now=tx.now)
    return tx.run(sent, now=tx.now)


def let_go(tx: Tx, under_way: Collection[UUID]) -> None:
    """End our leases on all but these: a claim that was not answered took them, and nobody calls."""
    ours = [row.id for row in tx.all(_OURS, now=tx.now, process=tx.instance)]
    LEDGER.load(tx, ours)
    for row in (LEDGER.get(tx, one) for one in ours if one not in under_way):
        if row is not None:
            row.lease_until = tx.now
            row.due_at = tx.now if row.state == UNKNOWN else row.due_at
