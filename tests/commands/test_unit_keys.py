"""A unit's secret is changed without a gap: each side at its own time, nothing refused in between."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.domain.sealing import Keyring
from services.kernel.webhooks import Unverified, sign, verify
from tests.commands.installed import Installed, installed, refusal

UNIT, NOW = "inspection-jiangning", datetime(2026, 9, 18, 1, tzinfo=UTC)


def secrets_of(town: Installed) -> tuple[str, ...]:
    return Keyring.load(town.folder / "keyring.json").partner_secrets(UNIT)


def taken(by: tuple[str, ...], signed_with: tuple[str, ...]) -> bool:
    headers = sign(signed_with, "m-1", NOW, b"{}")
    try:
        return verify(by, headers, b"{}", NOW) == "m-1"
    except Unverified:
        return False


def test_a_secret_is_changed_without_a_gap(tmp_path: Path) -> None:
    town = installed(tmp_path)
    before = secrets_of(town)[:1]
    process = town.start("unit", "key", "new", UNIT)
    said, told = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "restarted" in told
    new = (said.strip(),)
    both = secrets_of(town)
    assert both == new + before
    for theirs in (before, new):
        assert taken(by=theirs, signed_with=both)
        assert taken(by=both, signed_with=theirs)
    town.start("unit", "key", "retire", UNIT).communicate(timeout=60)
    assert secrets_of(town) == new
    assert not taken(by=secrets_of(town), signed_with=before)
    assert (tmp_path / "keyring.json").stat().st_mode & 0o777 == 0o600


def test_a_third_secret_and_the_last_one_are_left_alone(tmp_path: Path) -> None:
    town = installed(tmp_path)
    assert "no older secret" in refusal(town.start("unit", "key", "retire", UNIT))
    town.start("unit", "key", "new", UNIT).communicate(timeout=60)
    both = secrets_of(town)
    assert "has two secrets" in refusal(town.start("unit", "key", "new", UNIT))
    assert secrets_of(town) == both


def test_a_list_shows_no_secret(tmp_path: Path) -> None:
    town = installed(tmp_path)
    said = town.run("unit", "key", "list")
    assert UNIT in said
    assert secrets_of(town)[0] not in said
    assert "whsec_" not in said


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("new", "inspection-atlantis"), "There is no unit"),
        (("retire", "inspection-gulou"), "no older secret"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    assert why in refusal(installed(tmp_path).start("unit", "key", *arguments))
