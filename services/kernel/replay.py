"""Parked messages come back: in each case from the oldest on, and through the same guard."""

from datetime import datetime
from functools import partial
from uuid import UUID

from services.kernel import parked
from services.kernel.consume import Consumer
from services.kernel.faults import TooEarly, is_transient, place_of
from services.kernel.parked import Waiting
from services.kernel.position import Guard, Verdict
from services.kernel.tx import Tx


async def replay_due(consumer: Consumer) -> None:
    """Try every parked message whose time has come, or on which an operator has decided."""
    store = consumer.store
    now = store.now()
    for case_id in await store.read(lambda look: parked.due_cases(look, now)):
        async with consumer.busy:
            await _case(consumer, case_id, now)


async def _case(consumer: Consumer, case_id: UUID, now: datetime) -> None:
    for row in await consumer.store.read(lambda look: parked.of_case(look, case_id)):
        if row.state == "skip":
            await consumer.store.run(partial(_skip, row=row))
        elif not await _try(consumer, row, now):
            break  # the later messages of this case wait for this one


async def _try(consumer: Consumer, row: Waiting, now: datetime) -> bool:
    """False: it failed, or it may not be tried yet."""
    try:
        verdict = await consumer.store.run(partial(_again, consumer=consumer, row=row, now=now))
    except TooEarly:
        await consumer.store.run(partial(parked.look_again, row=row))
        return True
    except Exception as error:
        if is_transient(error):
            return False
        place = place_of(error)
        await consumer.store.run(lambda tx: parked.postpone(tx, row, place))
        return False
    return verdict is not Verdict.BEHIND


def _again(tx: Tx, consumer: Consumer, row: Waiting, now: datetime) -> Verdict:
    """BEHIND: its turn has come, but not its time."""
    record = row.record()
    guard = Guard(tx, [record])
    verdict = guard.judge(record, past_failed=True)
    if verdict is Verdict.GAP:
        if row.state != "dead":
            parked.look_again(tx, row)
        return verdict
    if verdict is Verdict.NEXT:
        if not (row.state == "replay" or (row.state == "waiting" and row.next_at <= now)):
            return Verdict.BEHIND
        consumer.hear(tx, [record])
        guard.advance(record)
        guard.write(tx)
    parked.remove(tx, row)
    return verdict


def _skip(tx: Tx, row: Waiting) -> None:
    record = row.record()
    guard = Guard(tx, [record])
    # Another process may have skipped it already, and come further since.
    if guard.judge(record, past_failed=True) is not Verdict.DUPLICATE:
        guard.advance(record)
        guard.write(tx)
    parked.remove(tx, row)
