"""Invented tasks, marked as a test, in the words of the contract."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.kernel.surroundings import Surroundings

MARK: Final = "【联调测试，请勿办理】"
# A character of four bytes, traditional ones and a quotation mark: what older systems stumble over.
TEXT: Final = f'{MARK}工地老板拖欠三个月工资，共一萬八千元；工友"老𠮷"等五人同樣。'


@dataclass(frozen=True, slots=True)
class Task:
    """`key`: its Idempotency-Key; `fields`: its body."""

    key: str
    fields: Mapping[str, object]

    @property
    def body(self) -> bytes:
        return json.dumps(self.fields, ensure_ascii=False, separators=(",", ":")).encode()

    def but(self, **changed: object) -> "Task":
        """The same key with other content."""
        return Task(self.key, {**self.fields, **changed})


def new_task(unit: str, around: Surroundings) -> Task:
    """A task of the unit, under a key that was never used."""
    key = str(around.new_id())
    record = {
        "complainant": {"name": "测试人", "phone": "13900000000"},
        "kind": "wage_arrears",
        "report_type": "complaint",
        "channel": "phone",
        "text": TEXT,
        "employer": {"name": "测试建筑公司", "work_address": "测试地址1号"},
        "amount_owed": 18000.0,
        "workers_affected": 5,
    }
    return Task(
        key,
        {
            "task": key, "case": "TEST" + key[-6:].upper(), "kind": "wage_arrears", "urgency": "normal",
            "unit": unit, "accept_by": None, "cluster": None, "record": record,
        },
    )  # fmt: skip
