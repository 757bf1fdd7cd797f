"""The two towns, each started once for all tests of a module."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import MissingPart
from tests.flow.scaled.town import ScaledTown, Town, embedded, scaled
from tools.real.kafka_jars import NoKafka
from tools.real.postgres import NoPostgres
from tools.scaled.machine import lacks


@pytest.fixture(scope="module")
def scaled_town(missing_part: MissingPart) -> Iterator[ScaledTown]:
    if missing := lacks():
        missing_part("scaled out", missing[0])
    with tempfile.TemporaryDirectory(prefix="town-") as folder, ExitStack() as ending:
        try:
            town = ending.enter_context(scaled(Path(folder)))
        except (NoKafka, NoPostgres) as why:
            missing_part("scaled out", str(why))
        yield town


@pytest.fixture(scope="module")
def embedded_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with embedded(tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture(params=["embedded", "scaled"])
def town(request: pytest.FixtureRequest) -> Town:
    """Only the addresses differ."""
    found: Town = request.getfixturevalue(f"{request.param}_town")
    return found
