"""Settling a try. Every change is conditional on the fencing number: who lost the lease changes nothing.

Why automation ended or a person is needed, as `give_up` hears it: `refused` (three times a 4xx), `given_up`
(schedule or deadline), `unknown` (it cannot be found out whether it arrived), `gone` (410), `urgent_overdue`
(see `watch`), or the caller's own code where it never got as far as an HTTP status. A delivery's give_up is
called once, until an operator starts it again.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from services.domain.events import Event
from services.kernel.delivery import circuit, destinations, schedule
from services.kernel.delivery.attempts import close_attempt
from services.kernel.delivery.kinds import Kinds
from services.kernel.delivery.models import DELIVERED, EXPIRED, PENDING, REFUSED, SENDING, UNKNOWN
from services.kernel.delivery.standing import LEDGER, Standing
from services.kernel.messages import CallFailed, Delivery
from services.kernel.tx import Tx

log_ = logging.getLogger(__name__)


def settle_success(tx: Tx, delivery: Delivery, events: Sequence[Event], *, found_in: str = SENDING) -> bool:
    """The partner has it: put the events. False: the lease was lost, nothing is put."""
    row = held(tx, delivery, found_in)
    if row is None:
        return False
    row.state, row.settled_at = DELIVERED, tx.now
    row.unknown_since = row.reason = row.status = None
    sent = found_in == SENDING
    if sent:
        close_attempt(tx, delivery, "delivered")
    destinations.succeeded(tx, delivery.destination, retry=sent and delivery.attempt > 1)
    tx.put(*events)
    return True


def settle_failure(tx: Tx, kinds: Kinds, delivery: Delivery, failure: CallFailed) -> bool:
    """Plan the next try, the question, or the end. False: the lease was lost."""
    row = held(tx, delivery, SENDING)
    if row is None:
        return False
    outcome = "lost" if failure.lost else "refused" if failure.permanent else "failed"
    close_attempt(tx, delivery, outcome, failure.status, failure.reason)
    _note_failure(tx, delivery, failure)
    row.status, row.reason = failure.status, failure.reason
    due = tx.now + schedule.wait(row.attempts, tx.random, failure.retry_after)
    if failure.gone:
        end(tx, kinds, delivery, row, REFUSED, "gone")
    elif failure.permanent:
        _refused(tx, kinds, delivery, failure, row)
    elif failure.lost and kinds.can_ask(delivery):
        become_unknown(row, tx.now, kinds)
    elif due >= row.give_up_at:
        end(tx, kinds, delivery, row, EXPIRED, "unknown" if failure.lost else "given_up")
    else:
        row.state, row.due_at = PENDING, due
    return True


def become_unknown(row: Standing, now: datetime, kinds: Kinds) -> None:
    """It left and no answer came: ask before it is sent again."""
    row.state, row.unknown_since = UNKNOWN, now
    row.due_at, row.lease_until = now + kinds.ask_after, now
    row.watch_at = min(row.watch_at, now + schedule.UNKNOWN_FOR)


def resolve_unknown(
    tx: Tx, kinds: Kinds, delivery: Delivery, answer: str | Sequence[Event], failure: CallFailed | None = None
) -> bool:
    """The partner's answer: "delivered" or the events that say so, "absent" (send it), "unknown" (ask later).

    `failure`: there was no answer, which counts against the destination.
    """
    if answer == "delivered" or not isinstance(answer, str):
        return settle_success(tx, delivery, () if isinstance(answer, str) else answer, found_in=UNKNOWN)
    row = held(tx, delivery, UNKNOWN)
    if row is None:
        return False
    if failure is not None:
        _note_failure(tx, delivery, failure)
    else:
        destinations.succeeded(tx, delivery.destination, retry=False)
    since = row.unknown_since or tx.now
    if answer != "absent":
        again = schedule.ask_again(tx.now - since, row.fence - row.attempts)
        row.lease_until, row.due_at = tx.now, tx.now + again
    elif tx.now < since + kinds.arrives_within:  # sent now, it could be there twice
        row.lease_until, row.due_at = tx.now, since + kinds.arrives_within
    elif tx.now >= row.give_up_at:
        end(tx, kinds, delivery, row, EXPIRED, "given_up")
    else:
        row.state, row.unknown_since = PENDING, None
        row.lease_until = row.due_at = tx.now
    return True


def end(tx: Tx, kinds: Kinds, delivery: Delivery, row: Standing, state: str, reason: str) -> None:
    """Automation ends in `state`; a person is told, unless one was."""
    row.state, row.settled_at, row.lease_until = state, tx.now, tx.now
    if row.raised_at is None:
        tell_a_person(tx, kinds, delivery, row, reason)


def tell_a_person(tx: Tx, kinds: Kinds, delivery: Delivery, row: Standing, reason: str) -> None:
    row.raised_at = tx.now
    about = {"id": delivery.id, "type": type(delivery.request).__name__, "reason": reason}
    if (give_up := kinds.give_ups.get(type(delivery.request))) is None:
        log_.error("delivery.nobody_told", extra=about)
        return
    log_.warning("delivery.person_needed", extra=about)
    tx.put(*give_up(delivery, reason, tx))


def last_answer(tx: Tx, delivery: Delivery) -> tuple[int | None, str | None]:
    """HTTP status and reason of the last try, for a `give_up` that reports them."""
    row = LEDGER.get(tx, delivery.id)
    return (row.status, row.reason) if row else (None, None)


def held(tx: Tx, delivery: Delivery, state: str) -> Standing | None:
    """The delivery's row while its lease is ours and it stands in `state`; None: it moved on meanwhile."""
    row = LEDGER.get(tx, delivery.id)
    return row if row is not None and (row.fence, row.state) == (delivery.fence, state) else None


def _refused(tx: Tx, kinds: Kinds, delivery: Delivery, failure: CallFailed, row: Standing) -> None:
    """A 4xx is tried three times; what never became a request (no status) cannot get better."""
    if failure.status is None:
        return end(tx, kinds, delivery, row, REFUSED, failure.reason)
    wait = schedule.wait_refused(row.refusals + 1, tx.random, failure.retry_after)
    if wait is None or tx.now + wait >= row.give_up_at:
        return end(tx, kinds, delivery, row, REFUSED, "refused")
    row.state, row.due_at, row.refusals = PENDING, tx.now + wait, row.refusals + 1
    return None


def _note_failure(tx: Tx, delivery: Delivery, failure: CallFailed) -> None:
    seen = destinations.destination_of(tx, delivery.destination)
    if failure.gone:
        log_.error("delivery.destination_gone", extra={"id": delivery.id})
        destinations.keep(tx, circuit.disabled(seen, circuit.GONE))
    elif not failure.permanent:
        destinations.keep(tx, circuit.after_failure(seen, tx.now))
    elif failure.status is not None:
        destinations.keep(tx, circuit.after_success(seen))
