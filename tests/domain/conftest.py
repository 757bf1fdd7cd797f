"""Properties are checked however slow the machine is: a busy one must not fail a test of the language."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from tests.domain.city_folder import NANJING

settings.register_profile("domain", deadline=None)
settings.load_profile("domain")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of Nanjing's folder."""
    return Path(shutil.copytree(NANJING, tmp_path / "city"))
