"""The inspection adapter, wired."""

from pathlib import Path
from typing import Final

from services.inspection_adapter.translate import employer, place, stakes, translate
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.kernel.tasks.adapter import task_service
from services.kernel.tasks.desk import Column, Desk
from services.kernel.tasks.procedure import load

NAME: Final = "inspection_adapter"
DESK: Final = Desk(
    service="inspection",
    title="监察待办",
    columns=(
        Column("用人单位", employer),
        Column("用工地", place),
        Column("金额（元）/ 人数", stakes, number=True),
    ),
    steps=("contacted_employer", "site_visit", "evidence_collected", "negotiation", "contacted_caller"),
    outcomes=(
        "paid",
        "partly_paid",
        "order_issued",
        "unfounded",
        "not_accepted",
        "withdrawn",
        "referred",
        "other",
    ),
    money=True,
    translate=translate,
    procedure=load(Path(__file__).parent),
)


def build(parts: Parts) -> Service:
    return task_service(NAME, DESK, parts)
