"""The router, wired."""

from functools import partial
from typing import Final

from services.kernel.parts import Parts
from services.kernel.service import Service
from services.router import (
    alert_pages,
    clock_pages,
    clock_routes,
    edition_routes,
    pages,
    routes,
    rule_pages,
    unit_pages,
    unit_routes,
)
from services.router.alert_desk import AlertDesk
from services.router.cases import prefetch
from services.router.clock_desk import ClockDesk
from services.router.handlers import HANDLERS, PRESSING, hear
from services.router.handover import hand_over
from services.router.models import HISTORY
from services.router.office import Office
from services.router.recount import follow_calendar
from services.router.rules import Desk
from services.router.signals import fire_due
from services.router.trier import Trier

NAME = "router"
LOOK = 1.0  # seconds between two looks for what is due
FOLLOW_CALENDAR = 60.0  # seconds between two looks at the work calendar
ROOMY: Final = {"/api/routing/editions": 2 << 20, "/routing/rules": 6 << 20}
"""Bytes of a rule book: a form writes each Chinese character in nine."""


def build(parts: Parts) -> Service:
    desk, store = Desk.of(parts.city), parts.store(NAME, HISTORY)
    office = Office(parts, store, desk)
    clock_desk, alert_desk = ClockDesk(parts, store, desk.periods), AlertDesk(store, parts.city)
    return Service(
        name=NAME,
        store=store,
        handlers={kind: partial(hear, desk, handler) for kind, handler in HANDLERS.items()},
        prefetch=prefetch,
        presses=lambda record: record.type in PRESSING,
        routes=(
            routes.router(parts, store, desk),
            edition_routes.router(office),
            unit_routes.router(office),
            pages.router(parts, store, desk),
            rule_pages.router(office),
            unit_pages.router(office),
            clock_routes.router(clock_desk),
            clock_pages.router(clock_desk),
            alert_pages.api(alert_desk),
            alert_pages.router(alert_desk),
        ),
        opening=(partial(desk.book.open, store),),
        loops=(
            (LOOK, partial(desk.book.turn, store)),
            (5.0, partial(hand_over, store, desk)),
            (0.5, Trier(store, desk.book).round),
            (LOOK, partial(fire_due, store, desk)),
            (FOLLOW_CALENDAR, partial(follow_calendar, store, desk.periods)),
        ),
        roomy=ROOMY,
    )
