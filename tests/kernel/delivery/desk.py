"""A small service with two requests: a task, and a text whose gateway can be asked."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from services.domain.events import Event, TaskDelivered, TaskUndeliverable
from services.kernel.columns import table
from services.kernel.delivery.attempts import attempts_of
from services.kernel.delivery.claim import Claim, claim
from services.kernel.delivery.kinds import Kinds
from services.kernel.delivery.ledger import settle_failure
from services.kernel.delivery.models import AttemptRow, DeliveryRow
from services.kernel.delivery.watch import watch
from services.kernel.messages import CallFailed, Delivery, Message, Request
from services.kernel.outbox import Outgoing
from services.kernel.sql import Sql
from services.kernel.store import Store, Tx
from tests.kernel.cells import Clock, store_at, surroundings
from tests.places import Place


class SendTask(Request):
    """A task for a brigade; its system knows the key but cannot be asked."""


class SendText(Request):
    """A text message; the gateway can be asked whether it has it."""


def delivered(delivery: Delivery, at: datetime) -> TaskDelivered:
    return TaskDelivered(
        case_id=delivery.request.case_id, at=at, unit=delivery.destination, task=delivery.key, via="http"
    )


def make_it_a_persons_task(delivery: Delivery, reason: str, tx: Tx) -> Iterable[Message]:
    yield TaskUndeliverable(
        case_id=delivery.request.case_id,
        at=tx.now,
        unit=delivery.destination,
        task=delivery.key,
        reason=reason,
    )


KINDS = Kinds(
    known={"SendTask": SendTask, "SendText": SendText},
    asked=frozenset({"SendText"}),
    give_ups={SendTask: make_it_a_persons_task, SendText: make_it_a_persons_task},
)


@dataclass
class Desk:
    """A store with a clock turned by hand, and short words for what the tests do with it."""

    place: Place
    store: Store
    clock: Clock
    keys: int = 0
    lives: int = 0

    async def begin_again(self) -> None:
        """The process ends where it is, and another takes its place."""
        await self.store.close()
        self.lives += 1
        self.store = store_at(self.place, "desk", surroundings(100 + self.lives, self.clock))
        await self.store.start()

    async def open(self, destination: str = "gulou", kind: type[Request] = SendTask, **more: object) -> str:
        """Put a request; return its key."""
        self.keys += 1
        key = f"key-{self.keys}"
        request = kind.model_validate(
            {"case_id": self.store.around.new_id(), "key": key, "destination": destination, **more}
        )
        await self.store.run(lambda tx: tx.put(request))
        return key

    async def claim(self, limit: int = 64, kinds: Kinds = KINDS) -> Claim:
        return await self.store.run(lambda tx: claim(tx, kinds, limit))

    async def sends(self) -> list[Delivery]:
        return (await self.claim()).sends

    async def row(self, key: str) -> DeliveryRow:
        def query(session: Session) -> DeliveryRow:
            return session.scalars(select(DeliveryRow).where(col(DeliveryRow.key) == key)).one()

        return await self.store.read(query)

    async def is_in(self, key: str, state: str) -> bool:
        return (await self.row(key)).state == state

    async def because(self, key: str, reason: str) -> bool:
        return (await self.row(key)).reason == reason

    async def attempts(self, key: str) -> list[AttemptRow]:
        row = await self.row(key)
        return await self.store.read(lambda session: attempts_of(session, row.id))

    async def said(self, event: type[Event]) -> list[str]:
        """The outbox's bodies of one type, in order."""

        def query(session: Session) -> list[str]:
            found = select(Outgoing).where(col(Outgoing.type) == event.__name__).order_by(col(Outgoing.id))
            return [row.body.decode() for row in session.scalars(found)]

        return await self.store.read(query)

    async def change(self, key: str, **values: object) -> None:
        """Write to a row past the ledger, as a test's way to get somewhere."""
        changed = Sql(table(DeliveryRow).update().where(col(DeliveryRow.key) == bindparam("of_key")))
        await self.store.run(lambda tx: tx.run(changed, of_key=key, **values))


@asynccontextmanager
async def desk_at(place: Place) -> AsyncIterator[Desk]:
    clock = Clock()
    desk = Desk(place, store_at(place, "desk", surroundings(clock=clock)), clock)
    await desk.store.start()
    try:
        yield desk
    finally:
        await desk.store.close()


async def fail(desk: Desk, delivery: Delivery, failure: CallFailed) -> bool:
    return await desk.store.run(lambda tx: settle_failure(tx, KINDS, delivery, failure))


async def try_and_fail(desk: Desk, failure: CallFailed, **later: float) -> None:
    """One claimed try fails; then time passes, five seconds if nothing is said."""
    [delivery] = await desk.sends()
    assert await fail(desk, delivery, failure)
    desk.clock.forward(**(later or {"seconds": 5}))


async def reasons(desk: Desk) -> list[str]:
    """Why persons were told, in order."""
    return [json.loads(body)["reason"] for body in await desk.said(TaskUndeliverable)]


async def look(desk: Desk) -> None:
    """Do what the worker does with the overdue ones of a claim."""
    for row_id in (await desk.claim(limit=1)).overdue:
        await desk.store.run(lambda tx, one=row_id: watch(tx, KINDS, one))  # type: ignore[misc]
