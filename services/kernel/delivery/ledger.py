"""Settling a try. Every change is conditional on the fencing number: who lost the lease changes nothing.

Why automation ended or a person is needed, as `give_up` hears it: `refused` (three times a 4xx), `given_up`
(schedule or deadline), `unknown` (it cannot be found out whether it arrived), `gone` (410), `urgent_overdue`
(see `watch`), or the caller's own code where it never got as far as an HTTP status. A delivery's give_up is
called once, until an operator starts it again.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, null, select, update
from sqlmodel import Session

from services.domain.events import Event
from services.kernel.columns import table
from services.kernel.delivery import circuit, destinations, schedule
from services.kernel.delivery.attempts import close_attempt
from services.kernel.delivery.expiry import unknown_values
from services.kernel.delivery.kinds import Kinds
from services.kernel.delivery.models import (
    DELIVERED,
    EXPIRED,
    PENDING,
    REFUSED,
    SENDING,
    UNKNOWN,
    DeliveryRow,
)  # fmt: skip
from services.kernel.messages import CallFailed, Delivery
from services.kernel.store import Tx

log_ = logging.getLogger(__name__)
_ROWS = table(DeliveryRow)
# Statements are built once: building one costs several times as much as running it.
_HELD = (_ROWS.c.id == bindparam("row"), _ROWS.c.fence == bindparam("number"))
_FOUND = (*_HELD, _ROWS.c.state == bindparam("found_in"))
_DONE = (
    update(_ROWS)
    .where(*_FOUND)
    .values(state=DELIVERED, settled_at=bindparam("at"))
    .values(unknown_since=null(), reason=null(), status=null())
)
_CHANGE = update(_ROWS).where(*_FOUND)  # sets the columns that its parameters name
_RAISE = update(_ROWS).where(*_HELD).values(raised_at=bindparam("at"))
_STANDING = select(
    _ROWS.c.attempts, _ROWS.c.refusals, _ROWS.c.give_up_at, _ROWS.c.watch_at, _ROWS.c.raised_at,
    _ROWS.c.unknown_since,
).where(*_FOUND)  # fmt: skip
_LAST = select(_ROWS.c.status, _ROWS.c.reason).where(_ROWS.c.id == bindparam("row"))


def settle_success(tx: Tx, delivery: Delivery, events: Sequence[Event], *, found_in: str = SENDING) -> bool:
    """The partner has it: put the events. False: the lease was lost, nothing is put."""
    held = {"row": delivery.id, "number": delivery.fence, "found_in": found_in, "at": tx.now}
    if tx.connection().execute(_DONE, held).rowcount != 1:
        return False
    sent = found_in == SENDING
    if sent:
        close_attempt(tx, delivery, "delivered")
    destinations.succeeded(tx, delivery.destination, retry=sent and delivery.attempt > 1)
    tx.put(*events)
    return True


def settle_failure(tx: Tx, kinds: Kinds, delivery: Delivery, failure: CallFailed) -> bool:
    """Plan the next try, the question, or the end. False: the lease was lost."""
    row = _standing(tx, delivery, SENDING)
    if row is None:
        return False
    outcome = "lost" if failure.lost else "refused" if failure.permanent else "failed"
    close_attempt(tx, delivery, outcome, failure.status, failure.reason)
    _note_failure(tx, delivery, failure)
    if failure.gone:
        return end(tx, kinds, delivery, SENDING, REFUSED, "gone", failure)
    if failure.permanent:
        return _refused(tx, kinds, delivery, failure, row)
    if failure.lost and kinds.can_ask(delivery):
        return settle_unknown(tx, kinds, delivery, failure, row.watch_at)
    due = tx.now + schedule.wait(row.attempts, tx.random, failure.retry_after)
    if due >= row.give_up_at:
        return end(tx, kinds, delivery, SENDING, EXPIRED, "unknown" if failure.lost else "given_up", failure)
    return _change(tx, delivery, SENDING, _again(due, failure))


def settle_unknown(tx: Tx, kinds: Kinds, delivery: Delivery, failure: CallFailed, watch_at: datetime) -> bool:
    """It left and no answer came: ask before it is sent again."""
    values = unknown_values(tx.now, kinds, watch_at) | {"status": failure.status, "reason": failure.reason}
    return _change(tx, delivery, SENDING, values)


def resolve_unknown(
    tx: Tx, kinds: Kinds, delivery: Delivery, answer: str | Sequence[Event], failure: CallFailed | None = None
) -> bool:
    """The partner's answer: "delivered" or the events that say so, "absent" (send it), "unknown" (ask later).

    `failure`: there was no answer, which counts against the destination.
    """
    if answer == "delivered" or not isinstance(answer, str):
        return settle_success(tx, delivery, () if isinstance(answer, str) else answer, found_in=UNKNOWN)
    row = _standing(tx, delivery, UNKNOWN)
    if row is None:
        return False
    if failure is not None:
        _note_failure(tx, delivery, failure)
    else:
        destinations.succeeded(tx, delivery.destination, retry=False)
    if answer != "absent":
        asked = {"lease_until": tx.now, "due_at": tx.now + schedule.ask_again(tx.now - row.unknown_since)}
        return _change(tx, delivery, UNKNOWN, asked)
    if tx.now >= row.give_up_at:
        return end(tx, kinds, delivery, UNKNOWN, EXPIRED, "given_up")
    sent = {"state": PENDING, "unknown_since": None, "lease_until": tx.now, "due_at": tx.now}
    return _change(tx, delivery, UNKNOWN, sent)


def end(
    tx: Tx, kinds: Kinds, delivery: Delivery, found_in: str, state: str, reason: str,
    failure: CallFailed | None = None,
) -> bool:  # fmt: skip
    """Automation ends in `state`; a person is told, unless one was. False: the row moved on meanwhile."""
    values: dict[str, object] = {"state": state, "settled_at": tx.now, "lease_until": tx.now}
    if failure is not None:
        values |= {"status": failure.status, "reason": failure.reason}
    row = _standing(tx, delivery, found_in)
    if row is None or not _change(tx, delivery, found_in, values):
        return False
    if row.raised_at is None:
        tell_a_person(tx, kinds, delivery, reason)
    return True


def tell_a_person(tx: Tx, kinds: Kinds, delivery: Delivery, reason: str) -> None:
    tx.connection().execute(_RAISE, {"row": delivery.id, "number": delivery.fence, "at": tx.now})
    about = {"id": delivery.id, "type": type(delivery.request).__name__, "reason": reason}
    if (give_up := kinds.give_ups.get(type(delivery.request))) is None:
        log_.error("delivery.nobody_told", extra=about)
        return
    log_.warning("delivery.person_needed", extra=about)
    tx.put(*give_up(delivery, reason, tx))


def last_answer(session: Session, delivery: Delivery) -> tuple[int | None, str | None]:
    """HTTP status and reason of the last try, for a `give_up` that reports them."""
    row = session.connection().execute(_LAST, {"row": delivery.id}).one()
    return row.status, row.reason


def _refused(tx: Tx, kinds: Kinds, delivery: Delivery, failure: CallFailed, row: "Row[Any]") -> bool:
    """A 4xx is tried three times; what never became a request (no status) cannot get better."""
    if failure.status is None:
        return end(tx, kinds, delivery, SENDING, REFUSED, failure.reason, failure)
    wait = schedule.wait_refused(row.refusals + 1, tx.random, failure.retry_after)
    if wait is None or tx.now + wait >= row.give_up_at:
        return end(tx, kinds, delivery, SENDING, REFUSED, "refused", failure)
    again = _again(tx.now + wait, failure) | {"refusals": row.refusals + 1}
    return _change(tx, delivery, SENDING, again)


def _again(due: datetime, failure: CallFailed) -> dict[str, object]:
    return {"state": PENDING, "due_at": due, "status": failure.status, "reason": failure.reason}


def _note_failure(tx: Tx, delivery: Delivery, failure: CallFailed) -> None:
    seen = destinations.destination_of(tx, delivery.destination)
    if failure.gone:
        log_.error("delivery.destination_gone", extra={"id": delivery.id})
        destinations.keep(tx, circuit.disabled(seen, circuit.GONE))
    elif not failure.permanent:
        destinations.keep(tx, circuit.after_failure(seen, tx.now))
    elif failure.status is not None:
        destinations.keep(tx, circuit.after_success(seen))


def _standing(tx: Tx, delivery: Delivery, state: str) -> "Row[*tuple[Any, ...]] | None":
    held = {"row": delivery.id, "number": delivery.fence, "found_in": state}
    return tx.connection().execute(_STANDING, held).one_or_none()


def _change(tx: Tx, delivery: Delivery, found_in: str, values: Mapping[str, object]) -> bool:
    held = {"row": delivery.id, "number": delivery.fence, "found_in": found_in}
    return tx.connection().execute(_CHANGE, {**held, **values}).rowcount == 1
