"""A city folder for tests that change it."""

import shutil
from pathlib import Path

import pytest

from tests.domain.city_folder import NANJING


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of Nanjing's folder."""
    return Path(shutil.copytree(NANJING, tmp_path / "city"))
