"""Two services of the kernel's own making, two processes each: a desk that writes, a unit that is told.

client -> desk: AnswerGiven -> unit: a task for the partner -> TaskDelivered -> desk
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select

from services.domain.events import AnswerGiven, TaskDelivered
from services.kernel.cell import Cell
from services.kernel.columns import table
from services.kernel.consume import Consumer
from services.kernel.delivery.worker import Deliveries
from services.kernel.eventlog import EventLog
from services.kernel.messages import Message, Request
from services.kernel.relay import Relay
from services.kernel.service import KERNEL, Service
from services.kernel.sql import Sql
from services.kernel.store import Store
from services.kernel.surroundings import Surroundings
from services.kernel.tx import Tx
from tests.kernel.cells import HEARD, SEALED, Heard
from tests.simulation.disk import MemoryDatabase
from tests.simulation.outside import Partner

SLOWER = 4.0  # times the pauses of background loops: time costs nothing, looking does
DESK, UNIT = "desk", "unit"
_HEARD = table(Heard)
_KNOWN = Sql(select(_HEARD.c.id).where(_HEARD.c.name == bindparam("wanted")))


class SendTask(Request):
    """A task for the partner, who can be asked whether it has it."""


@dataclass(frozen=True)
class Parts:
    """What a cell is made of; a mutant takes the place of one of them."""

    relay: type[Relay] = Relay
    consumer: type[Consumer] = Consumer
    deliveries: type[Deliveries] = Deliveries
    database: type[MemoryDatabase] = MemoryDatabase


class SimulatedCell(Cell):
    """The kernel's own cell, with these parts."""

    def __init__(self, service: Service, log: EventLog, parts: Parts) -> None:
        super().__init__(service, log)
        service.store.on_commit.clear()
        self.relay, self.consumer = parts.relay(service.store), parts.consumer(service)
        self.deliveries = parts.deliveries(
            service.name, service.store, service.callers, service.asks, service.give_ups
        )

    def _every(self, pause, loop):  # type: ignore[no-untyped-def]
        return super()._every(pause * SLOWER, loop)


def write(tx: Tx, case: UUID, name: str) -> None:
    """What a client wants, under its own name: once, however often it is asked for."""
    if tx.one(_KNOWN, wanted=name) is None:
        tx.insert(Heard, case_id=case, name=name)
        tx.put(AnswerGiven(case_id=case, at=tx.now, text=SEALED, by=name))


def give_task(event: AnswerGiven, tx: Tx) -> Iterable[Message]:
    name = str(event.by)
    tx.insert(Heard, case_id=event.case_id, name=name)
    return [SendTask(case_id=event.case_id, key=name, destination="gulou")]


def note_delivery(event: TaskDelivered, tx: Tx) -> Iterable[Message]:
    if tx.source != tx.service:
        tx.insert(Heard, case_id=event.case_id, name=f"told {event.task}")
    return ()


def service(name: str, around: Surroundings, database: MemoryDatabase, partner: Partner) -> Service:
    store = Store("", name, (KERNEL, HEARD), around, database)
    if name == DESK:
        return Service(name, store, handlers={TaskDelivered: note_delivery})
    return Service(
        name, store, handlers={AnswerGiven: give_task}, callers={SendTask: partner.take},
        asks={SendTask: partner.ask}, give_ups={SendTask: lambda *_: ()},
    )  # fmt: skip
