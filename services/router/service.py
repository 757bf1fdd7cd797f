"""The router, wired."""

from functools import partial

from services.kernel.parts import Parts
from services.kernel.service import Service
from services.router import alert_pages, clock_pages, clock_routes, pages, routes
from services.router.alert_desk import AlertDesk
from services.router.cases import prefetch
from services.router.clock_desk import ClockDesk
from services.router.handlers import HANDLERS, PRESSING, hear
from services.router.models import HISTORY
from services.router.recount import follow_calendar
from services.router.rules import Desk
from services.router.signals import fire_due

NAME = "router"
LOOK = 1.0  # seconds between two looks for what is due
FOLLOW_CALENDAR = 60.0  # seconds between two looks at the work calendar


def build(parts: Parts) -> Service:
    desk, store = Desk.of(parts.city), parts.store(NAME, HISTORY)
    clock_desk, alert_desk = ClockDesk(parts, store, desk.periods), AlertDesk(store, parts.city)
    return Service(
        name=NAME,
        store=store,
        handlers={kind: partial(hear, desk, handler) for kind, handler in HANDLERS.items()},
        prefetch=prefetch,
        presses=lambda record: record.type in PRESSING,
        routes=(
            routes.router(parts, store, desk),
            pages.router(parts, store, desk),
            clock_routes.router(clock_desk),
            clock_pages.router(clock_desk),
            alert_pages.api(alert_desk),
            alert_pages.router(alert_desk),
        ),
        loops=(
            (LOOK, partial(fire_due, store, desk)),
            (FOLLOW_CALENDAR, partial(follow_calendar, store, desk.periods)),
        ),
    )
