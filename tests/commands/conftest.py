"""What several commands are tried on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.moved import Moving
from tests.databases import Databases


@pytest.fixture
def moving(tmp_path: Path, databases: Databases) -> Iterator[Moving]:
    (tmp_path / "old").mkdir()
    moving = Moving(tmp_path, databases)
    asyncio.run(moving.fill())
    yield moving
    moving.close()
