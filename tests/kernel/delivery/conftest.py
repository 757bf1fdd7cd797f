from collections.abc import AsyncIterator

import pytest

from tests.kernel.delivery.desk import Desk, desk_at
from tests.kernel.delivery.partner import Partner
from tests.places import Place


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Desk]:
    async with desk_at(place) as desk:
        yield desk


@pytest.fixture
def partner(desk: Desk) -> Partner:
    return Partner(desk.clock)
