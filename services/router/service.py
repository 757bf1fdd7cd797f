"""The router, wired."""

from functools import partial

from services.kernel.parts import Parts
from services.kernel.service import Service
from services.router import pages, routes
from services.router.cases import prefetch
from services.router.handlers import HANDLERS, PRESSING, hear
from services.router.models import HISTORY
from services.router.rules import Desk

NAME = "router"


def build(parts: Parts) -> Service:
    desk, store = Desk.of(parts.city), parts.store(NAME, HISTORY)
    return Service(
        name=NAME,
        store=store,
        handlers={kind: partial(hear, desk, handler) for kind, handler in HANDLERS.items()},
        prefetch=prefetch,
        presses=lambda record: record.type in PRESSING,
        routes=(routes.router(parts, store, desk), pages.router(parts, store, desk)),
    )
