"""A consumer whose handler fails for what it is told to, for the tests of guard and parking."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from services.domain.events import AnswerGiven
from services.kernel.columns import table
from services.kernel.consume import Consumer
from services.kernel.eventlog import Entry, Record
from services.kernel.faults import TooEarly
from services.kernel.messages import Message
from services.kernel.parked import Parked
from services.kernel.replay import replay_due
from services.kernel.service import Service
from services.kernel.sql import Sql
from services.kernel.store import Tx
from tests.kernel.cells import SEALED, Clock, Heard, heard, informed, store_at, surroundings
from tests.places import Place

_HEARD: Final = Sql(select(table(Heard).c.name))
CASE, OTHER = UUID(int=1), UUID(int=2)


class Ears:
    """A consumer whose handler fails for the texts it is told to. `follows`: what comes before a text."""

    def __init__(self, place: Place, seed: int = 7, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.failing: set[str] = set()
        self.follows: dict[str, str] = {}
        self.store = store_at(place, "router", surroundings(seed, self.clock))
        self.store.hearing = {}
        self.consumer = self.fresh()

    def fresh(self) -> Consumer:
        return Consumer(Service("router", self.store, {AnswerGiven: self.hear}))

    def hear(self, event: AnswerGiven, tx: Tx) -> Iterable[Message]:
        if event.by in self.failing:
            raise ValueError("张三 13900000000")
        if (first := self.follows.get(str(event.by))) and first not in _names(tx):
            raise TooEarly
        tx.insert(Heard, case_id=event.case_id, name=str(event.by))
        return [informed(event.case_id, tx)]

    async def apply(self, *records: Record) -> None:
        await self.consumer.apply([Entry(0, n, record) for n, record in enumerate(records)])

    async def names(self) -> list[str]:
        return [name for _, name in await heard(self.store)]

    async def parked(self) -> list[Parked]:
        return await self.store.read(lambda s: list(s.scalars(select(Parked).order_by(col(Parked.id)))))

    async def later(self, **by: float) -> None:
        self.clock.forward(**by)
        await replay_due(self.consumer)


def _names(tx: Tx) -> set[str]:
    return {row.name for row in tx.all(_HEARD)}


def said(
    name: str, seq: int, case: UUID = CASE, source: str = "intake", type_: str = "AnswerGiven"
) -> Record:
    event = AnswerGiven(case_id=case, at=Clock()(), by=name, text=SEALED)
    return Record(str(UUID(int=seq)), type_, source, case, seq, "", event.model_dump_json().encode())
