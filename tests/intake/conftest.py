from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.intake.hotline import Hotline, hotline


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Hotline]:
    async with hotline(tmp_path) as running:
        yield running
