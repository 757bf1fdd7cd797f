"""The help-desk adapter, wired."""

from pathlib import Path
from typing import Final

from services.helpdesk_adapter.translate import need, person, translate, whereabouts
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.kernel.tasks.adapter import task_service
from services.kernel.tasks.desk import Column, Desk
from services.kernel.tasks.procedure import load

NAME: Final = "helpdesk_adapter"
DESK: Final = Desk(
    service="helpdesk",
    title="求助待办",
    columns=(Column("求助人", person), Column("位置", whereabouts), Column("情况", need)),
    steps=("contacted_caller", "staff_on_the_way", "site_visit"),
    outcomes=("helped", "referred", "answered", "withdrawn", "other"),
    money=False,
    translate=translate,
    procedure=load(Path(__file__).parent),
    referred_to=(
        "police",
        "rescue_station",
        "medical",
        "fire",
        "civil_affairs",
        "neighbourhood",
        "other_authority",
    ),
)


def build(parts: Parts) -> Service:
    return task_service(NAME, DESK, parts)
