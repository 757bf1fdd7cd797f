"""`yikou backup` and `yikou restore`: refusals in one sentence, and nothing that is half there."""

import json
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from services.commands.installation import create_keyring
from services.commands.migrate import databases as databases_of
from services.kernel.access_store import HISTORY as ACCESS
from services.kernel.database import files
from services.kernel.database.file_cut import copy_at_once
from services.kernel.database.schema import UNFINISHED
from tests.commands.installed import Installed, refusal
from tests.commands.moved import CASES, Moving
from tests.databases import Databases


def beside(home: Installed, folder: Path) -> Installed:
    """An empty data folder with the key ring of `home`."""
    folder.mkdir()
    (folder / "keyring.json").write_bytes((home.folder / "keyring.json").read_bytes())
    return Installed(folder, {"city": str(home.folder / "city")})


def test_a_back_up_of_files_is_restored_to_files_and_to_postgresql(moving: Moving, tmp_path: Path) -> None:
    (moving.old.folder / "partners.json").write_text("{}")
    said = moving.old.run("backup", str(tmp_path / "kept"))
    assert "7 files" in said
    assert not (tmp_path / "kept" / "keyring.json").exists()
    new = beside(moving.old, tmp_path / "new")
    assert f"/ {CASES + 15} events of {CASES} cases" in new.run("restore", str(tmp_path / "kept"))
    assert (new.folder / "partners.json").read_text() == "{}"
    assert "is there already" in refusal(new.start("restore", str(tmp_path / "kept")))
    moving.new.run("restore", str(tmp_path / "kept"))
    assert moving.rows("intake", "SELECT count(*) FROM outbox") == [(CASES,)]
    assert moving.rows("access", "SELECT count(*) FROM access_token") == [(1,)]


def test_a_back_up_of_postgresql_is_restored_to_empty_databases(
    moving: Moving, tmp_path: Path, databases: Databases
) -> None:
    moving.new.run("migrate-data")
    moving.new.run("backup", str(tmp_path / "kept"))
    assert len(list((tmp_path / "kept").glob("*.dump"))) == 7
    other = Moving(tmp_path / "other", databases)
    other.new.settings["keyring"] = str(moving.old.folder / "keyring.json")
    said = other.new.run("restore", str(tmp_path / "kept"))
    assert f"/ {CASES + 15} events of {CASES} cases" in said
    for name, histories in databases_of():
        for table in (model.__tablename__ for history in histories for model in history.tables):
            sql = f'SELECT * FROM "{table}"'  # noqa: S608
            assert sorted(map(repr, other.rows(name, sql))) == sorted(map(repr, moving.rows(name, sql)))
    assert "up to date" in other.new.run("migrate")
    assert "is not empty" in said_last(other.new, "restore", str(tmp_path / "kept"))
    assert "to PostgreSQL only" in said_last(
        beside(moving.old, tmp_path / "files"), "restore", str(tmp_path / "kept")
    )
    other.close()


def said_last(home: Installed, *command: str) -> str:
    """The refusal, whatever was told before it."""
    process = home.start(*command)
    _, complained = process.communicate(timeout=60)
    assert process.returncode == 2
    return complained


def test_what_is_not_whole_or_not_ours_is_refused_before_anything_is_touched(
    moving: Moving, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    moving.old.run("backup", str(kept))
    assert "choose another name" in refusal(moving.old.start("backup", str(kept)))
    new = beside(moving.old, tmp_path / "new")
    assert "is no whole back-up" in refusal(new.start("restore", str(tmp_path)))
    create_keyring(tmp_path / "other.json")
    said = refusal(new.start("restore", str(kept), keyring=str(tmp_path / "other.json")))
    assert "cannot open what is sealed in this back-up" in said
    manifest = json.loads((kept / "manifest.json").read_text())
    newer = manifest | {"schemas": manifest["schemas"] | {"intake": "0999"}}
    (kept / "manifest.json").write_text(json.dumps(newer))
    assert "are newer than the program" in refusal(new.start("restore", str(kept)))
    (kept / "manifest.json").write_text(json.dumps(manifest))
    with (kept / "router.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"rust")
    assert "router.db is missing or damaged" in refusal(new.start("restore", str(kept)))
    assert not list(new.folder.glob("*.db"))


def test_a_folder_that_cannot_be_written_is_told(moving: Moving) -> None:
    assert "Cannot write to /proc/kept" in refusal(moving.old.start("backup", "/proc/kept"))


def test_a_restore_that_was_killed_starts_nothing_and_is_run_again(moving: Moving, tmp_path: Path) -> None:
    moving.old.run("backup", str(tmp_path / "kept"))
    new = beside(moving.old, tmp_path / "new")
    process = new.start("restore", str(tmp_path / "kept"))
    while not (new.folder / "intake.db").exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert files.version_of(new.folder / "access.db", ACCESS) == UNFINISHED
    assert "is not whole yet" in refusal(new.start("serve", "router"))
    new.run("restore", str(tmp_path / "kept"))
    assert "up to date" in new.run("migrate")


def test_files_are_copied_as_of_one_instant_while_they_are_written(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.db" for name in "abc"]
    for path in paths:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE number (last INTEGER)")
            connection.execute("INSERT INTO number VALUES (0)")
    writer = Writer(paths)
    writer.start()
    for turn in range(20):
        copies = {path: tmp_path / f"{turn}-{path.name}" for path in paths}
        copy_at_once(copies)
        first, second, third = (last(copy) for copy in copies.values())
        assert first >= second >= third >= first - 1  # as a cause is, before what it caused
    writer.stop()
    assert last(paths[0]) > 20


class Writer(threading.Thread):
    """Counts in the first file, then in the second, then in the third, and so on."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__()
        self.paths, self.enough = paths, threading.Event()

    def run(self) -> None:
        connections = [sqlite3.connect(path, isolation_level=None, timeout=10) for path in self.paths]
        while not self.enough.is_set():
            for connection in connections:
                connection.execute("UPDATE number SET last = last + 1")
        for connection in connections:
            connection.close()

    def stop(self) -> None:
        self.enough.set()
        self.join()


def last(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT last FROM number").fetchone()[0])
