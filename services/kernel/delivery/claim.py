"""Claiming: what is due is leased, numbered and written down as a try, before anything leaves.

One pass serves all destinations, each within its own limit, circuit and retry budget, so that none waits for
another. The number of statements does not depend on the number of rows.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery import circuit, destinations
from services.kernel.delivery.attempts import open_attempt
from services.kernel.delivery.expiry import take_back
from services.kernel.delivery.kinds import Kinds
from services.kernel.delivery.models import PENDING, SENDING, UNKNOWN, DeliveryRow
from services.kernel.delivery.outlook import Outlook, earliest, look
from services.kernel.delivery.pick import Picked, pick
from services.kernel.delivery.watch import to_watch
from services.kernel.messages import Delivery
from services.kernel.sql import Sql
from services.kernel.tx import Tx

log_ = logging.getLogger(__name__)
LEASE: Final = timedelta(seconds=60)
UNREADABLE_FOR: Final = timedelta(hours=1)
_ROWS: Final = table(DeliveryRow)
_CHOSEN: Final = update(_ROWS).where(among(_ROWS.c.id, "rows"))
_LEASED: Final = _CHOSEN.values(
    fence=_ROWS.c.fence + 1, lease_until=bindparam("until"), owner=bindparam("process")
)
_ALONE: Final = Sql({"postgresql": select(func.pg_advisory_xact_lock(4714))})
_SEND: Final = Sql(_LEASED.values(state=SENDING, attempts=_ROWS.c.attempts + 1))
_ASK: Final = Sql(_LEASED.values(due_at=bindparam("until")))
_LEAVE: Final = Sql(_CHOSEN.values(due_at=bindparam("until")))


@dataclass(slots=True)
class Claim:
    """`sends` and `asks` are leased; `overdue` may need a person (`watch.watch`, each in a unit of its own).

    `crowded`: destinations with more to do than they have room for now; one that comes free may serve them.
    `next_at`: when time alone brings something.
    """

    sends: list[Delivery] = field(default_factory=list)
    asks: list[Delivery] = field(default_factory=list)
    overdue: list[UUID] = field(default_factory=list)
    crowded: set[str] = field(default_factory=set)
    taken: Counter[str] = field(default_factory=Counter)
    next_at: datetime | None = None


def claim(tx: Tx, kinds: Kinds, limit: int) -> Claim:
    """Lease at most `limit` due deliveries."""
    if tx.instance:
        tx.all(_ALONE)  # one process after the other, or the places of a destination would be given twice
    destinations.write(tx)
    outlooks, watch_at = look(tx, tx.now)
    if take_back(tx, kinds, [one.id for one in outlooks if one.lease is not None and one.lease <= tx.now]):
        outlooks, watch_at = look(tx, tx.now)
    outlooks = destinations.learn(tx, outlooks)
    found = Claim()
    gone = [one.id for one in outlooks if one.destination.disabled == circuit.GONE]
    if gone or (watch_at is not None and watch_at <= tx.now):
        found.overdue, watch_at = to_watch(tx, gone)
    shares = _shares(tx, kinds, outlooks, limit)
    _take(tx, kinds, _candidates(tx, shares), shares, limit, found)
    found.next_at = earliest(watch_at, *(_later(tx, one, shares, found) for one in outlooks))
    return found


@dataclass(frozen=True, slots=True)
class _Share:
    """What one destination may get out of this claim."""

    outlook: Outlook
    room: int
    retries: bool


def _shares(tx: Tx, kinds: Kinds, outlooks: Sequence[Outlook], limit: int) -> dict[str, _Share]:
    shares: dict[str, _Share] = {}
    for outlook in sorted((o for o in outlooks if o.has_work(tx.now)), key=Outlook.waiting_since):
        room = circuit.room(outlook.destination, outlook.inflight, kinds.max_inflight, tx.now)
        if room > 0 and len(shares) < limit:
            budget = circuit.filled(outlook.destination, tx.now)
            destinations.keep(tx, budget)
            shares[outlook.id] = _Share(outlook, room, budget.tokens >= 1)
    return shares


def _candidates(tx: Tx, shares: dict[str, _Share]) -> list[Picked]:
    """Per destination its urgent ones first; across destinations, by turns: one's queue is not another's."""
    questions = [name for name, share in shares.items() if (at := share.outlook.question) and at <= tx.now]
    sends = [name for name, share in shares.items() if (at := share.outlook.due) and at <= tx.now]
    most = max((share.room for share in shares.values()), default=0)
    rows = pick(tx, UNKNOWN, tx.now, dict.fromkeys(questions, True), 1)
    retried = {name: shares[name].retries for name in sends}
    rows += sorted(pick(tx, PENDING, tx.now, retried, most), key=lambda row: (not row.urgent, row.due_at))
    turn: Counter[str] = Counter()
    ranked = []
    for row in rows:
        ranked.append((not row.urgent, turn[row.destination], row.due_at, row))
        turn[row.destination] += 1
    return [row for *_, row in sorted(ranked, key=lambda entry: entry[:3])]


def _take(
    tx: Tx, kinds: Kinds, rows: list[Picked], shares: dict[str, _Share], limit: int, found: Claim
) -> None:
    """Lease the candidates as far as room and budget reach; what cannot be read is left alone for a while."""
    unreadable: list[UUID] = []
    lease = tx.now + LEASE
    for row in rows:
        if found.taken.total() == limit or found.taken[row.destination] == shares[row.destination].room:
            found.crowded.add(row.destination)
            continue
        attempt = row.attempts + (row.state == PENDING)
        delivery = kinds.delivery(row.id, row.kind, row.body, row.fence + 1, attempt, lease)
        if delivery is None:
            unreadable.append(row.id)
            log_.error("delivery.unreadable", extra={"id": row.id, "type": row.kind})
        elif row.state == UNKNOWN:
            found.asks.append(delivery)
            found.taken[row.destination] += 1
        elif _spend(tx, row):
            open_attempt(tx, delivery)
            found.sends.append(delivery)
            found.taken[row.destination] += 1
    if found.sends:
        tx.run(_SEND, rows=[delivery.id for delivery in found.sends], until=lease, process=tx.instance)
    if found.asks:
        tx.run(_ASK, rows=[delivery.id for delivery in found.asks], until=lease, process=tx.instance)
    if unreadable:
        tx.run(_LEAVE, rows=unreadable, until=tx.now + UNREADABLE_FOR)


def _spend(tx: Tx, row: Picked) -> bool:
    budget = circuit.spend(destinations.destination_of(tx, row.destination), tx.now, first=row.attempts == 0)
    if budget is not None:
        destinations.keep(tx, budget)
    return budget is not None


def _later(tx: Tx, outlook: Outlook, shares: dict[str, _Share], found: Claim) -> datetime | None:
    """When this destination is to be served again, if nothing of it comes back before."""
    later = outlook.later_at(tx.now)
    if not outlook.has_work(tx.now):
        return later
    if (share := shares.get(outlook.id)) is None:
        found.crowded.add(outlook.id)
        opens = outlook.may_send_at(tx.now)
        return earliest(later, opens if opens is not None and opens > tx.now else None)
    if found.taken[outlook.id] == share.room:
        found.crowded.add(outlook.id)
    budget = destinations.destination_of(tx, outlook.id)
    return earliest(later, circuit.next_token_at(budget) if budget.tokens < 1 else None)
