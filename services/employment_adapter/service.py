"""The employment adapter, wired."""

from functools import partial
from pathlib import Path
from typing import Final

from fastapi import APIRouter

from services.employment_adapter.feeds import Feeds
from services.employment_adapter.handlers import handlers, open_visit, prefetch, visited
from services.employment_adapter.models import HISTORY
from services.employment_adapter.pages import VisitPages
from services.employment_adapter.papers import PaperPages
from services.employment_adapter.routes import VisitApi
from services.employment_adapter.translate import home, seeker, translate, wish
from services.employment_adapter.visits import Visits
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.kernel.tasks.adapter import task_service
from services.kernel.tasks.beside import Beside
from services.kernel.tasks.desk import Column, Desk
from services.kernel.tasks.officers import Officers
from services.kernel.tasks.procedure import load

NAME: Final = "employment_adapter"
DESK: Final = Desk(
    service="employment",
    title="就业待办",
    columns=(Column("求职者", seeker), Column("住址", home), Column("诉求", wish)),
    steps=("contacted_caller", "vacancies_sent"),
    outcomes=(
        "placed",
        "training",
        "subsidy",
        "not_interested",
        "unreachable",
        "helped",
        "answered",
        "withdrawn",
        "referred",
        "other",
    ),
    money=False,
    translate=translate,
    procedure=load(Path(__file__).parent),
    beside=lambda task: (f"/visits/{task.key}", "上门走访") if visited(task.kind, task.via) else None,
)


def build(parts: Parts) -> Service:
    def routes(officers: Officers) -> tuple[APIRouter, ...]:
        visits, feeds = Visits(officers), Feeds(officers, parts.settings.public_url)
        pages = VisitPages(visits).router(), PaperPages(visits, feeds).router()
        return VisitApi(visits).router(), feeds.router(), *pages

    beside = Beside(
        histories=(HISTORY,),
        opened=partial(open_visit, city=parts.city),
        handlers=handlers(parts.city),
        prefetch=prefetch,
        routes=routes,
    )
    return task_service(NAME, DESK, parts, beside)
