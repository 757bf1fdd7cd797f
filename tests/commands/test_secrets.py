"""What several processes share is made once, by a command, and by none of them for itself."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.commands.installation import NotPossible, keyring_of
from services.domain.sealing import Keyring
from services.kernel.settings import Settings

RUN = CliRunner()


def test_the_secrets_are_written_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert "written" in RUN.invoke(app, ["secrets", "create", str(folder)]).stdout
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(made) == {"keyring.json", "postgres_password", "store_url"}
    assert made["store_url"] == (
        f"postgresql://yikou:{made['postgres_password']}@postgres:5432/yikou_{{service}}"
    )
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert set(Keyring.load(folder / "keyring.json").rings) == {"contact", "task", "identity"}
    assert "were there" in RUN.invoke(app, ["secrets", "create", str(folder)]).stdout
    assert {path.name: path.read_text() for path in folder.iterdir()} == made


def test_half_a_password_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store_url").write_text("postgresql://yikou:old@postgres/yikou_{service}")
    result = RUN.invoke(app, ["secrets", "create", str(tmp_path)])
    assert isinstance(result.exception, NotPossible)
    assert [path.name for path in tmp_path.iterdir()] == ["store_url"]


def test_processes_that_share_a_database_make_no_key_ring_of_their_own(tmp_path: Path) -> None:
    shared = Settings.read(data_dir=tmp_path, store_url_pattern="postgresql://db/yikou_{service}")
    with pytest.raises(NotPossible, match="yikou secrets create"):
        keyring_of(shared)
    assert not shared.keyring.exists()
    assert keyring_of(Settings.read(data_dir=tmp_path)).rings
    assert keyring_of(shared).rings
