"""Alarms as people see them: who was called for what, whom to ring up, and who answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import text
from sqlmodel import col, select

from services.domain.city import City
from services.kernel.access import Principal
from services.kernel.problem import Problem
from services.kernel.store import Looking, Store
from services.router.alerts import UNANSWERED, RouterAlert
from services.router.models import RouterCase, refusal
from services.router.on_call import acknowledge

MOST = 100


class Called(BaseModel):
    """`texted`: had a text message; who has no mobile is only reached by telephone."""

    staff: str
    phone: str
    texted: bool


class AlarmOut(BaseModel):
    """An alarm that nobody has answered. `next_at`: when the next ones are called; None: all were."""

    id: UUID
    case_id: UUID
    number: str
    kind: str
    unit: str
    unit_name: str
    began_at: datetime
    next_at: datetime | None
    called: list[Called]


@dataclass(frozen=True)
class AlertDesk:
    """Bound to the router's store and the city's people."""

    store: Store
    city: City

    async def unanswered(self, who: Principal, language: str) -> list[AlarmOut]:
        """Alarms that nobody has answered, the longest waiting first; an officer's own units only."""
        units = None if who.may("case.read.all") else who.units
        rows = await self.store.read(lambda look: _open(look, units))
        return [self._out(alert, case, language) for alert, case in rows]

    async def acknowledge(self, alert: UUID, who: Principal, staff: str | None) -> None:
        """An officer takes it; or the desk says that `staff` does, as heard on the telephone.

        Refusal `not-on-duty`; Problem not-found, alert-over.
        """
        desk = who.may("case.read.all")
        if desk and staff not in await self._people(alert):
            raise refusal("not-on-duty", "staff")
        given, units = (staff or "", ()) if desk else (who.by, who.units or ("",))
        await self.store.run(
            lambda tx: acknowledge(tx, alert, given, "phone" if desk else "page", who.by, units)
        )

    async def _people(self, alert: UUID) -> Collection[str]:
        """Who may have this alarm: the people of its unit, and the hotline's supervisors."""
        row = await self.store.read(lambda look: look.get(RouterAlert, alert))
        if row is None:
            raise Problem.of("not-found")
        watch = self.city.duty.by_unit.get(row.unit)
        people = (*self.city.duty.supervisor, *(watch.staff if watch else ()))
        return {one.number for one in people}

    def _out(self, alert: RouterAlert, case: RouterCase, language: str) -> AlarmOut:
        people = self.city.duty.by_number
        called = [people[number] for number in alert.called.split() if number in people]
        return AlarmOut(
            id=alert.id, case_id=alert.case_id, number=case.number, unit=alert.unit,
            kind=self.city.texts.name("kind", case.kind, language), began_at=alert.began_at,
            unit_name=self.city.unit_name(alert.unit, language), next_at=alert.next_at,
            called=[Called(staff=one.number, phone=one.phone, texted=one.mobile) for one in called],
        )  # fmt: skip


def _open(look: Looking, units: Sequence[str] | None) -> Sequence[tuple[RouterAlert, RouterCase]]:
    wanted = (
        select(RouterAlert, RouterCase)
        .join(RouterCase, col(RouterCase.case_id) == col(RouterAlert.case_id))
        .where(text(f"router_alert.{UNANSWERED}"))
        .order_by(col(RouterAlert.began_at))
        .limit(MOST)
    )
    if units is not None:
        wanted = wanted.where(col(RouterAlert.unit).in_(units))
    return look.exec(wanted).all()
