"""The facts that a notifier hears, as the other services would say them."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from services.domain.city import City
from services.domain.events import CaseCorrected, CaseReceived, CaseRouted, OutcomeReported
from services.domain.identifiers import case_number
from services.domain.sealing import Keyring
from services.kernel.surroundings import Surroundings
from tests.kernel.cells import Clock

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
MORNING = datetime(2026, 1, 26, 2, 0, tzinfo=UTC)  # 10:00 in Nanjing
NIGHT = datetime(2026, 1, 26, 14, 30, tzinfo=UTC)  # 22:30
EIGHT = datetime(2026, 1, 27, 0, 0, tzinfo=UTC)  # 8:00, the day after
NAME, MOBILE, LANDLINE = "欧阳翠花", "+8613851467290", "+862555550100"
CODE = "402817"
BRIGADE = "inspection-jiangning"


@dataclass
class Facts:
    """Makes events at the clock's time, their contents sealed with the key ring."""

    keyring: Keyring
    clock: Clock
    around: Surroundings
    seed: random.Random = field(default_factory=lambda: random.Random(3), kw_only=True)

    def seal(self, case_id: UUID, name: str, text: str) -> str:
        return self.keyring.seal("contact", case_id, name, text, self.seed.randbytes)

    def received(
        self,
        phone: str | None = MOBILE,
        *,
        callback_url: str | None = None,
        told_by: str = "notifier",
        **fields: object,
    ) -> CaseReceived:
        """A wage case as intake makes it, unless the fields say otherwise."""
        case_id = self.around.new_id()
        contact = None
        if told_by == "notifier":
            contact = self.seal(case_id, "contact", json.dumps(self.contact(phone, callback_url)))
        given: dict[str, object] = {
            "case_id": case_id, "at": self.clock.at, "number": case_number(self.seed), "kind": "wage_arrears",
            "channel": "phone", "urgent": False, "record": "task.k1.QUJD", "told_by": told_by,
            "contact": contact,
        }  # fmt: skip
        return CaseReceived.model_validate(given | fields)

    def contact(self, phone: str | None, callback_url: str | None = None) -> dict[str, object]:
        kind = None if phone is None else "landline" if phone == LANDLINE else "mobile"
        client = "city-app" if callback_url else None
        return {
            "name": NAME, "phone": phone, "phone_kind": kind, "callback_url": callback_url,
            "callback_client": client, "code": CODE,
        }  # fmt: skip

    def routed(self, case: CaseReceived, unit: str = BRIGADE) -> CaseRouted:
        return CaseRouted(
            case_id=case.case_id, at=self.clock.at, number=case.number, kind=case.kind, unit=unit,
            unit_name="江宁区劳动保障监察大队", service="inspection", rule="wage", version="1", reason={},
            urgency="normal", record="task.k1.QUJD",
        )  # fmt: skip

    def outcome(
        self, case: CaseReceived, code: str = "paid", fen: int | None = 840_000, unit: str = BRIGADE
    ) -> OutcomeReported:
        summary = self.seal(case.case_id, "summary", f"已向{NAME}付清工资。")
        return OutcomeReported(
            case_id=case.case_id, at=self.clock.at, unit=unit, task="t1", resolved=True, outcome=code,
            amount_recovered_fen=fen, summary=summary,
        )  # fmt: skip

    def corrected(self, case: CaseReceived, phone: str | None) -> CaseCorrected:
        contact = self.seal(case.case_id, "contact", json.dumps(self.contact(phone))) if phone else None
        return CaseCorrected(case_id=case.case_id, at=self.clock.at, contact=contact, changed=("contact",))
