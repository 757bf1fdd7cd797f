"""What the API and the pages of the clocks share: whose clocks one may see, and what is shown of them."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.domain.city import City
from services.domain.clocks import TRANSITIONS, Act, State
from services.kernel.access import Principal
from services.kernel.parts import Parts
from services.kernel.problem import Problem
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.router import clock_views
from services.router.clock_changes import Change
from services.router.clock_schemas import CaseClocks, ClockOut, ExtensionOut, ListedOut, May, PauseOut
from services.router.clock_views import Listed, Words
from services.router.clocks import RouterClock
from services.router.models import RouterCase, refusal
from services.router.periods import Periods


@dataclass(frozen=True)
class ClockDesk:
    """Bound to the router's store and the city."""

    parts: Parts
    store: Store
    periods: Periods

    @property
    def city(self) -> City:
        return self.parts.city

    @property
    def words(self) -> Words:
        return Words(self.city)

    async def table(self, case_id: UUID, who: Principal, language: str) -> CaseClocks:
        """The clocks of a case. Problem not-found, also for a unit's officer whose case it is not."""
        case, rows = await self.store.read(
            lambda look: (look.get(RouterCase, case_id), clock_views.of_case(look, case_id))
        )
        if case is None or not sees(who, case.unit):
            raise Problem.of("not-found")
        took = case.resolved_at - case.received_at if case.resolved_at else None
        return CaseClocks(
            case_id=case.case_id, number=case.number, received_at=case.received_at,
            resolved_at=case.resolved_at, minutes_to_remedy=int(took.total_seconds() // 60) if took else None,
            clocks=[self._out(row, who, language) for row in rows],
        )  # fmt: skip

    async def change(
        self, case_id: UUID, clock_id: UUID, who: Principal, work: Callable[[Change, Tx], None]
    ) -> None:
        """Carry out what a person decided. Raises Problem."""
        change = Change(self.periods, case_id, clock_id, who.by, lambda unit: sees(who, unit))
        await self.store.run(lambda tx: work(change, tx))

    def sealed(self, case_id: UUID, note: str) -> str | None:
        if not note:
            return None
        return self.parts.keyring.seal("task", case_id, "note", note, self.parts.around.random.randbytes)

    def extension_reason(self, reason: str) -> str:
        """The code, if the city has a name for it. Refusal `unknown-reason`."""
        if reason not in self.city.texts.names.get("extension", {}):
            raise refusal("unknown-reason", "reason")
        return reason

    def line(self, listed: Listed, language: str) -> ListedOut:
        row, unit = listed.clock, listed.clock.unit or listed.unit
        return ListedOut(
            id=row.id, case_id=row.case_id, number=listed.number, clock=row.clock, steps=row.steps,
            kind=self.city.texts.name("kind", listed.kind, language), article=row.article, due=row.due,
            name=self.city.clock_name(row.clock, language), unit=unit, state=State(row.state),
            unit_name=self.city.unit_name(unit, language) if unit else None,
        )  # fmt: skip

    def _out(self, row: RouterClock, who: Principal, language: str) -> ClockOut:
        clock, name = self.words.value(row), self.city.texts.name
        pauses = clock.pauses if clock else ()
        extensions = clock.extensions if clock else ()
        return ClockOut(
            **row.model_dump(include={
                "id", "clock", "unit", "state", "started_at", "due", "provisional", "missed_at", "ended_at",
                "article",
            }),
            name=self.city.clock_name(row.clock, language), period=self.words.period(row, language),
            unit_name=self.city.unit_name(row.unit, language) if row.unit else None,
            state_text=self.words.state(row, language), level=self.words.level(row),
            late=clock.late if clock else False, binding=clock.definition.binding if clock else None,
            pauses=[
                PauseOut(since=one.since, until=one.until, reason=one.reason,
                         reason_text=name("pause", one.reason, language)) for one in pauses
            ],
            extensions=[
                ExtensionOut(at=one.at, amount=one.amount, approved_by=one.approved_by, reason=one.reason,
                             reason_text=name("extension", one.reason, language)) for one in extensions
            ],
            may=self._may(row, who, language),
        )  # fmt: skip

    def _may(self, row: RouterClock, who: Principal, language: str) -> May:
        clock, now = self.words.value(row), self.store.now()
        if clock is None or (clock.state is State.RUNNING and now >= clock.due):
            return May()
        able = {act for act in Act if (clock.state, act) in TRANSITIONS}
        changes, extension = who.may("clock.pause"), clock.definition.extension
        office = (
            (extension.approved_by_en if language == "en" else extension.approved_by) if extension else None
        )
        left = extension.amount - clock.extended if extension and Act.EXTEND in able else 0
        return May(
            pause=[one.reason for one in clock.definition.pauses] if changes and Act.PAUSE in able else [],
            resume=changes and Act.RESUME in able,
            extend=left if who.may("clock.extend") else 0,
            approved_by=office,
        )


def sees(who: Principal, unit: str | None) -> bool:
    """Whoever sees all cases sees all clocks; a unit's officer those of the own units."""
    return who.may("case.read.all") or (unit is not None and unit in who.units)
