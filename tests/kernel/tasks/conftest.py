"""Every test that asks for `kind` runs for each of the three adapters: they keep one shape. On PostgreSQL one
of them runs: what they share is one code."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kernel.tasks.kinds import KINDS, Kind
from tests.kernel.tasks.town import Town, town
from tests.places import Folder, Place

SETTINGS = [*((kind, "sqlite") for kind in KINDS), (KINDS[0], "postgresql")]


@pytest.fixture(params=SETTINGS, ids=[f"{kind.service}-{where}" for kind, where in SETTINGS])
def setting(request: pytest.FixtureRequest) -> tuple[Kind, str]:
    found: tuple[Kind, str] = request.param
    return found


@pytest.fixture
def kind(setting: tuple[Kind, str]) -> Kind:
    return setting[0]


@pytest.fixture
def place(request: pytest.FixtureRequest, setting: tuple[Kind, str], tmp_path: Path) -> Place:
    found: Place = request.getfixturevalue("server") if setting[1] == "postgresql" else Folder(tmp_path)
    return found


@pytest.fixture
async def here(place: Place, kind: Kind) -> AsyncIterator[Town]:
    """A town with one task on its way to a unit whose system does not answer."""
    async with town(place, kind, "http://127.0.0.1:9") as found:
        await found.say(found.routed())
        await found.state("open")
        yield found
