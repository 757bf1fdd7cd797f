"""Every test that asks for `kind` runs for each of the three adapters: they keep one shape."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kernel.tasks.kinds import KINDS, Kind
from tests.kernel.tasks.town import Town, town


@pytest.fixture(params=KINDS, ids=[kind.service for kind in KINDS])
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
async def here(tmp_path: Path, kind: Kind) -> AsyncIterator[Town]:
    """A town with one task on its way to a unit whose system does not answer."""
    async with town(tmp_path, kind, "http://127.0.0.1:9") as found:
        await found.say(found.routed())
        await found.state("open")
        yield found
