"""The router, wired."""

from functools import partial
from typing import Final

from services.kernel.parts import Parts
from services.kernel.service import Service
from services.router import edition_routes, pages, routes, rule_pages, unit_pages, unit_routes
from services.router.cases import prefetch
from services.router.handlers import HANDLERS, PRESSING
from services.router.handover import hand_over
from services.router.models import HISTORY
from services.router.office import Office
from services.router.rules import Desk
from services.router.trier import Trier

NAME = "router"
ROOMY: Final = {"/api/routing/editions": 2 << 20, "/routing/rules": 6 << 20}
"""Bytes of a rule book: a form writes each Chinese character in nine."""


def build(parts: Parts) -> Service:
    desk, store = Desk.of(parts.city), parts.store(NAME, HISTORY)
    office = Office(parts, store, desk)
    return Service(
        name=NAME,
        store=store,
        handlers={kind: partial(handler, desk) for kind, handler in HANDLERS.items()},
        prefetch=prefetch,
        presses=lambda record: record.type in PRESSING,
        routes=(
            routes.router(parts, store, desk),
            edition_routes.router(office),
            unit_routes.router(office),
            pages.router(parts, store, desk),
            rule_pages.router(office),
            unit_pages.router(office),
        ),
        opening=(partial(desk.book.open, store),),
        loops=(
            (1.0, partial(desk.book.turn, store)),
            (5.0, partial(hand_over, store, desk)),
            (0.5, Trier(store, desk.book).round),
        ),
        roomy=ROOMY,
    )
