"""The files of a shared folder: whole, for the group alone, and never anybody else's."""

from pathlib import Path

import pytest

from services.kernel.tasks.folder import Folder


def test_a_write_leaves_no_half_and_readable_by_the_group_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for body in (b"one", b"two"):
        folder.put("k-1", body)
    [file] = (tmp_path / "tasks").iterdir()
    assert (file.name, file.read_bytes()) == ("k-1.json", b"two")
    assert file.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b"])
def test_a_report_is_never_looked_for_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError):
        Folder(tmp_path).read(name)
