from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kernel.delivery.desk import Desk, desk_at
from tests.kernel.delivery.partner import Partner


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(tmp_path) as desk:
        yield desk


@pytest.fixture
def partner(desk: Desk) -> Partner:
    return Partner(desk.clock)
