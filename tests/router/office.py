"""A router without a log: events are handed to its handlers in a real store, and what they say comes back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from services.domain.city import City
from services.domain.events import (
    CaseClosed,
    CaseCorrected,
    CaseHeld,
    CaseReceived,
    CaseReopened,
    CaseRouted,
    Event,
    OutcomeReported,
    Place,
    TaskAccepted,
    TaskDelivered,
    TaskObjected,
)
from services.domain.identifiers import case_number
from services.domain.kinds import Kind
from services.kernel.service import KERNEL, Handlers
from services.kernel.store import Store, Tx
from services.router.cases import prefetch
from services.router.clocks import RouterClock
from services.router.handlers import HANDLERS, hear
from services.router.models import HISTORY, RouterCase, RouterDecision
from services.router.rules import Desk
from services.router.signals import fire
from tests.kernel.cells import START, Clock, surroundings

NANJING = Path("deploy/cities/nanjing")
RECORD = "task.k1.QUJD"
JIANGNING, GULOU, XUANWU = "320115", "320106", "320102"
BRIGADE, OTHER_BRIGADE, CENTRE = "inspection-jiangning", "inspection-gulou", "employment-jiangning"


@cache
def nanjing() -> City:
    return City.load(NANJING)


class Office:
    """The router's store with its handlers; `clock` is turned by hand."""

    def __init__(self, store: Store, clock: Clock, desk: Desk) -> None:
        self.store, self.clock, self.desk, self.around = store, clock, desk, store.around
        self.take_handlers()

    def take_handlers(self) -> None:
        """Let the desk, as it is now, hear events."""
        self.handlers: Handlers = {
            kind: partial(hear, self.desk, handler) for kind, handler in HANDLERS.items()
        }
        self.store.hearing = self.handlers

    async def hear(self, *events: Event) -> list[Event]:
        """Apply the events as one batch; what the router says because of it."""

        def unit(tx: Tx) -> list[Event]:
            before = len(tx.events)
            if len(events) > 1:
                prefetch(events, tx)
            for event in events:
                tx.put(*self.handlers[type(event)](event, tx))
            return tx.events[before:]

        return await self.store.run(unit)

    async def decided(self, *events: Event) -> list[Event]:
        """As `hear`, without what is said of clocks and alarms."""
        return [one for one in await self.hear(*events) if isinstance(one, CaseRouted | CaseHeld)]

    async def case(self, case_id: UUID) -> RouterCase:
        row = await self.store.read(lambda session: session.get(RouterCase, case_id))
        assert row is not None
        return row

    async def decisions(self, case_id: UUID) -> Sequence[RouterDecision]:
        query = (
            select(RouterDecision).where(RouterDecision.case_id == case_id).order_by(col(RouterDecision.id))
        )
        return await self.store.read(lambda session: session.exec(query).all())

    def received(self, **fields: object) -> CaseReceived:
        """A named wage complaint of a worker in Jiangning, unless the fields say otherwise."""
        given: dict[str, object] = {
            "case_id": self.around.new_id(),
            "at": self.clock.at,
            "number": case_number(self.around.random),
            "kind": "wage_arrears",
            "channel": "phone",
            "urgent": False,
            "work": place(JIANGNING),
            "record": RECORD,
            "told_by": "notifier",
        }
        return CaseReceived.model_validate(given | fields)

    def objected(self, case: CaseReceived, unit: str = BRIGADE, proposed: str | None = None) -> TaskObjected:
        return TaskObjected(
            case_id=case.case_id, at=self.clock.at, unit=unit, task="t1",
            reason="not_our_district", proposed_unit=proposed,
        )  # fmt: skip

    def corrected(self, case: CaseReceived, **fields: object) -> CaseCorrected:
        given = {"case_id": case.case_id, "at": self.clock.at, "changed": tuple(fields)}
        return CaseCorrected.model_validate(given | fields)

    def accepted(self, case: CaseReceived, unit: str = BRIGADE) -> TaskAccepted:
        return TaskAccepted(case_id=case.case_id, at=self.clock.at, unit=unit, task="t1")

    def delivered(self, case: CaseReceived, unit: str = BRIGADE) -> TaskDelivered:
        return TaskDelivered(case_id=case.case_id, at=self.clock.at, unit=unit, task="t1", via="worklist")

    def outcome(self, case: CaseReceived, unit: str = BRIGADE) -> OutcomeReported:
        return OutcomeReported(
            case_id=case.case_id, at=self.clock.at, unit=unit, task="t1", resolved=True, outcome="paid"
        )

    def closed(self, case: CaseReceived) -> CaseClosed:
        return CaseClosed(case_id=case.case_id, at=self.clock.at, reason="told")

    def reopened(self, case: CaseReceived) -> CaseReopened:
        return CaseReopened(case_id=case.case_id, at=self.clock.at)

    async def fire(self) -> list[Event]:
        """What the router says because of what is due now."""

        def unit(tx: Tx) -> list[Event]:
            before = len(tx.events)
            while fire(tx, self.desk):
                tx.write_all()
            return tx.events[before:]

        return await self.store.run(unit)

    async def clocks(self, case_id: UUID) -> Sequence[RouterClock]:
        """Every clock that the case has or had, as it was started."""
        query = (
            select(RouterClock)
            .where(RouterClock.case_id == case_id)
            .order_by(col(RouterClock.started_at), col(RouterClock.clock))
        )
        return await self.store.read(lambda session: session.exec(query).all())


@asynccontextmanager
async def office(
    folder: Path | None = None,
    desk: Desk | None = None,
    *,
    url: str = "",
    clock: Clock | None = None,
    seed: int = 7,
) -> AsyncIterator[Office]:
    """A router with a file in `folder`, or at `url`."""
    clock = clock or Clock()
    where = url or f"sqlite:///{folder}/router.db"
    store = Store(where, "router", (KERNEL, HISTORY), surroundings(seed, clock))
    await store.start()
    try:
        yield Office(store, clock, desk or Desk.of(nanjing()))
    finally:
        await store.close()


def place(district: str | None, confidence: str = "certain", evidence: str = "") -> Place:
    return Place.model_validate({"district": district, "confidence": confidence, "evidence": evidence})


__all__ = ["BRIGADE", "CENTRE", "GULOU", "JIANGNING", "OTHER_BRIGADE", "RECORD", "START", "XUANWU", "Kind",
           "Office", "nanjing", "office", "place"]  # fmt: skip
