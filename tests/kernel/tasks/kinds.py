"""The three adapters under test, a city to live in, and a case that names a person."""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from services.domain.city import City
from services.domain.sealing import Keyring
from services.employment_adapter import service as employment_adapter
from services.employment_adapter.models import HISTORY as VISITS
from services.helpdesk_adapter import service as helpdesk_adapter
from services.inspection_adapter import service as inspection_adapter
from services.kernel.database.schema import History
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.kernel.surroundings import Surroundings

NANJING = Path("deploy/cities/nanjing")
NAME, PHONE, HOME = "王秀英", "+8613800138000", "南京市江宁区秣陵街道胜太路18号"
RECORD: dict[str, object] = {
    "text": "老板三个月没发工资，今天工地停工。",
    "caller": {"name": NAME, "phone": PHONE, "residence": HOME},
    "employer": {"name": "宏达建筑", "uscc": None, "work_address": "江宁区天元路1号", "address": None},
    "amount_owed": 12000.5,
    "workers_affected": 9,
    "recording_ref": "rec-77",
    "channel": "phone",
    "at": "2026-09-30T15:00:00+08:00",
    "kind": "wage_arrears",
    "report_type": "complaint",
}


@dataclass(frozen=True)
class Kind:
    """What differs between the adapters under test."""

    service: str
    build: Callable[[Parts], Service]
    unit: str
    other: str
    case: str
    beside: tuple[History, ...] = ()


KINDS = (
    Kind("inspection", inspection_adapter.build, "inspection-jiangning", "inspection-gulou", "wage_arrears"),
    Kind(
        "employment",
        employment_adapter.build,
        "employment-gulou",
        "employment-jiangning",
        "job_assistance",
        (VISITS,),
    ),
    Kind("helpdesk", helpdesk_adapter.build, "helpdesk-122", "inspection-gulou", "social_help"),
)


@cache
def nanjing() -> City:
    return City.load(NANJING)


def secret(unit: str) -> str:
    return "whsec_" + base64.b64encode(unit.ljust(24, "-").encode()).decode()


def keyring(around: Surroundings, kind: Kind, others: Iterable[str] = ()) -> Keyring:
    """With secrets of the kind's two units, and of further ones."""
    ring = Keyring.create(around.random.randbytes).without("identity")
    for unit in dict.fromkeys((kind.unit, kind.other, *others)):
        ring = ring.with_partner_secret(unit, secret(unit))
    return ring


NOW = datetime.now(ZoneInfo("Asia/Shanghai"))
TO_MORNING = NOW.replace(hour=10, minute=0) - NOW
"""At night units are compared, and asked what no other test expects."""


def morning() -> datetime:
    """The real clock, shifted so that the tests began at ten in the morning."""
    return datetime.now(UTC) + TO_MORNING


class Shifted:
    """The same, shifted on: what is signed stays believable while waits are passed over."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def __call__(self) -> datetime:
        return morning() + self.by
