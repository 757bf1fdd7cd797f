"""A router at ten on a Monday, on each store; and what is asked of its clocks."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from services.domain.events import DeadlineApproaching, DeadlineMet, DeadlineMissed, Event
from services.kernel.service import KERNEL
from services.router.models import HISTORY
from tests.domain.nanjing_time import local
from tests.kernel.cells import Clock
from tests.places import Place
from tests.router.office import Office, office


@pytest.fixture
async def router(place: Place) -> AsyncIterator[Office]:
    clock = Clock(local("2026-09-21 10:00"))  # the fifth working day after it is the 29th
    async with office(url=place.url("router", KERNEL, HISTORY), clock=clock) as router:
        yield router


async def states(router: Office, case_id: UUID) -> dict[str, str]:
    """The state of each clock; of one that was started twice, the last."""
    return {row.clock: row.state for row in await router.clocks(case_id)}


def named(events: list[Event]) -> list[tuple[str, str]]:
    kinds = (DeadlineApproaching, DeadlineMissed, DeadlineMet)
    return [(type(one).__name__, one.clock) for one in events if isinstance(one, kinds)]
