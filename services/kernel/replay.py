"""Parked messages come back: in each case from the oldest on, and through the same guard."""

from datetime import datetime
from functools import partial
from uuid import UUID

from services.kernel import parked
from services.kernel.consume import Consumer
from services.kernel.faults import is_transient, place_of
from services.kernel.parked import Parked
from services.kernel.position import read_positions, write_positions
from services.kernel.store import Tx


async def replay_due(consumer: Consumer) -> None:
    """Try every parked message whose time has come, or on which an operator has decided."""
    store = consumer.store
    now = store.around.now()
    for case_id in await store.read(lambda session: parked.due_cases(session, now)):
        async with consumer.busy:
            await _case(consumer, case_id, now)


async def _case(consumer: Consumer, case_id: UUID, now: datetime) -> None:
    store, case = consumer.store, str(case_id)
    await consumer.flush()
    positions = await store.read(lambda session: read_positions(session, [case]))
    for row in await store.read(lambda session: parked.of_case(session, case_id)):
        last = positions.get((row.source, case), 0)
        if row.seq <= last:
            await store.run(partial(parked.remove, row=row))
        elif row.state == "skip":
            await store.run(partial(_skip, row=row))
            positions[(row.source, case)] = row.seq
        elif row.seq > last + 1:
            if row.state != "dead":
                await store.run(partial(parked.look_again, row=row))
        elif not _may_run(row, now) or not await _try(consumer, row):
            break  # the later messages of this case wait for this one
        else:
            positions[(row.source, case)] = row.seq
    consumer.guard.forget([case])
    rows = await store.read(lambda session: parked.of_case(session, case_id))
    if not any(row.why == parked.FAILED for row in rows):
        consumer.guard.blocked.discard(case)


def _may_run(row: Parked, now: datetime) -> bool:
    return row.state == "replay" or (row.state == "waiting" and row.next_at <= now)


async def _try(consumer: Consumer, row: Parked) -> bool:
    def again(tx: Tx) -> None:
        consumer.hear_one(tx, row.record())
        parked.remove(tx, row)

    try:
        await consumer.store.run(again)
    except Exception as error:
        if is_transient(error):
            return False
        place = place_of(error)
        await consumer.store.run(lambda tx: parked.postpone(tx, row, place))
        consumer.guard.blocked.add(str(row.case_id))
        return False
    return True


def _skip(tx: Tx, row: Parked) -> None:
    write_positions(tx, [row.record()])
    parked.remove(tx, row)
