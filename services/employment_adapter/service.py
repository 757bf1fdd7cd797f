"""The employment adapter, wired."""

from typing import Final

from services.employment_adapter.translate import home, seeker, translate, wish
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.kernel.tasks.adapter import task_service
from services.kernel.tasks.desk import Column, Desk

NAME: Final = "employment_adapter"
DESK: Final = Desk(
    service="employment",
    title="就业待办",
    columns=(Column("求职者", seeker), Column("住址", home), Column("诉求", wish)),
    steps=("contacted_caller", "visit_planned", "visit_done", "vacancies_sent"),
    outcomes=("placed", "helped", "answered", "withdrawn", "referred", "other"),
    money=False,
    translate=translate,
)


def build(parts: Parts) -> Service:
    return task_service(NAME, DESK, parts)
