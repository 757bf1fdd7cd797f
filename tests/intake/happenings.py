"""Events of the other services, as they would come: a case goes to the brigade of Jiangning and on."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.domain.events import (
    CallerInformed,
    CaseRouted,
    OutcomeReported,
    TaskAccepted,
    TaskDelivered,
    TaskObjected,
    TaskProgressed,
)
from tests.intake.hotline import START, Hotline

UNIT, OTHER = "inspection-jiangning", "inspection-qinhuai"


class Course:
    """Makes events of one case, each a minute after the one before."""

    def __init__(self, desk: Hotline, made: dict[str, Any]) -> None:
        self.desk, self.case_id, self.number = desk, UUID(made["case_id"]), str(made["number"])
        self.minutes = 0

    def now(self) -> dict[str, Any]:
        self.minutes += 1
        return {"case_id": self.case_id, "at": START + timedelta(minutes=self.minutes)}

    def sealed(self, audience: str, field: str, text: str) -> str:
        return self.desk.keyring.seal(audience, self.case_id, field, text, lambda size: b"7" * size)

    def routed(self, unit: str = UNIT, bounces: int = 0) -> CaseRouted:
        return CaseRouted(
            **self.now(), number=self.number, kind="wage_arrears", unit=unit, unit_name="某区大队",
            service="inspection", district="320115", rule="wage-by-work-place", version="2026-11-1",
            reason={"kind": "wage_arrears", "work_district": "320115"}, urgency="normal", bounces=bounces,
            record=self.sealed("task", "record", "{}"),
        )  # fmt: skip

    def delivered(self, unit: str = UNIT) -> TaskDelivered:
        return TaskDelivered(**self.now(), unit=unit, task="t-1", via="http", reference="JC-1")

    def accepted(self, unit: str = UNIT) -> TaskAccepted:
        return TaskAccepted(**self.now(), by=unit, unit=unit, task="t-1", officer="2041")

    def progressed(self, unit: str = UNIT, note: str = "工地已核实") -> TaskProgressed:
        sealed = self.sealed("task", "note", note)
        return TaskProgressed(**self.now(), unit=unit, task="t-1", step="site_visit", note=sealed)

    def objected(self, unit: str = UNIT) -> TaskObjected:
        return TaskObjected(
            **self.now(), unit=unit, task="t-1", reason="not_our_district", proposed_unit=OTHER
        )

    def outcome(self, unit: str = UNIT) -> OutcomeReported:
        return OutcomeReported(
            **self.now(), unit=unit, task="t-1", resolved=True, outcome="paid",
            summary=self.sealed("contact", "summary", "工资已全部付清"), amount_recovered_fen=840050,
        )  # fmt: skip

    def informed(self, about: str = "outcome", channel: str = "sms") -> CallerInformed:
        return CallerInformed.model_validate(self.now() | {"channel": channel, "about": about})

    async def until_resolved(self) -> None:
        """The usual course, up to the unit's claim."""
        await self.desk.hear(self.routed())
        await self.desk.hear(self.delivered(), self.accepted(), source="inspection_adapter")
        await self.desk.hear(self.progressed(), self.outcome(), source="inspection_adapter")
