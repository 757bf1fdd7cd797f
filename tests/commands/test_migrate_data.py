"""`yikou migrate-data` refuses with one sentence, moves all or nothing, and loses no row or type of value."""

import asyncio
import subprocess
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from services.commands.installation import create_keyring
from services.commands.migrate import databases as databases_of
from services.kernel.columns import table
from services.kernel.database.engines import open_engine
from services.kernel.eventlog_url import open_log
from services.kernel.lock import FileLock, Held
from services.kernel.store import Store
from services.kernel.surroundings import real
from tests.commands.installed import refusal
from tests.commands.moved import CASES, Moving
from tests.kernel.event_logs import record


def until_held(path: Path, process: "subprocess.Popen[str]") -> None:
    while process.poll() is None:
        lock = FileLock(path)
        try:
            lock.acquire()
        except Held:
            return
        lock.release()
        time.sleep(0.05)


async def use(url: str) -> None:
    log = await open_log(url)
    await log.append([record("some", 1)])
    await log.close()


def test_every_row_arrives_as_it_was_and_new_ones_are_numbered_after_it(moving: Moving) -> None:
    said = moving.new.run("migrate-data")
    events = CASES + 3 * 5
    assert f"/ {events} events of {CASES} cases" in said
    for name, histories in databases_of():
        engine = open_engine(f"sqlite:///{moving.old.folder}/{name}.db", writes=False)
        with engine.connect() as old:
            for one in (table(model) for history in histories for model in history.tables):
                names = ", ".join(f'"{column.name}"' for column in one.columns)
                keys = ", ".join(f'"{column.name}"' for column in one.primary_key.columns)
                found = moving.rows(name, f'SELECT {names} FROM "{one.name}" ORDER BY {keys}')  # noqa: S608
                assert found == [tuple(row) for row in old.execute(select(one).order_by(*one.primary_key))]
        engine.dispose()
    after = moving.rows("intake", "SELECT nextval(pg_get_serial_sequence('outbox', 'id'))")
    assert after == [(CASES + 1,)]


def test_a_move_that_was_killed_is_begun_anew_and_nothing_starts_before_its_end(moving: Moving) -> None:
    process = moving.new.start("migrate-data")
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("intake:"):
            break
    process.kill()
    process.communicate()
    for command in (("serve", "router"), ("migrate",), ("token", "create", "--role", "agent", "--name", "a")):
        assert "is not whole yet: run the same command again" in refusal(moving.new.start(*command))
    assert "up to date" in moving.old.run("migrate")  # still whole, and may be started
    assert "Everything was moved" in moving.new.run("migrate-data")
    assert moving.rows("intake", "SELECT count(*) FROM outbox") == [(CASES,)]
    assert "up to date" in moving.new.run("migrate")


def test_the_new_side_must_be_empty(moving: Moving) -> None:
    moving.new.run("migrate")
    row = "INSERT INTO destination VALUES ('x', 1, 0, '', now(), 0, '', 0, now())"
    moving.databases.run(f"{moving.prefix}_notifier", row)
    assert "database of notifier is not empty: table destination has rows" in refusal(
        moving.new.start("migrate-data")
    )
    assert moving.rows("intake", "SELECT count(*) FROM outbox") == [(0,)]


async def test_the_new_side_must_be_at_rest(moving: Moving) -> None:
    await asyncio.to_thread(moving.new.run, "migrate")
    histories = dict(databases_of())["router"]
    store = Store(
        moving.new.settings["store_url"].replace("{service}", "router"), "router", histories, real()
    )
    await store.start()
    process = moving.new.start("migrate-data")
    said = await asyncio.to_thread(refusal, process)
    await store.close()
    assert "router of the new system is running: stop it first" in said


def test_the_old_side_must_be_at_rest(moving: Moving) -> None:
    server = moving.old.start("serve", "router", port="0")
    until_held(moving.old.folder / "router.db.lock", server)
    assert "is using" in refusal(moving.new.start("migrate-data"))
    server.kill()
    server.communicate()


def test_the_new_log_must_be_empty(moving: Moving) -> None:
    other = moving.old.folder / "log.db"
    moving.new.settings["log_url"] = f"sqlite:///{other.parent}/used.db"
    asyncio.run(use(moving.new.settings["log_url"]))
    assert "event log is not empty" in refusal(moving.new.start("migrate-data"))


def test_keys_that_the_new_side_lacks_are_missed_before_anything_is_moved(
    moving: Moving, tmp_path: Path
) -> None:
    create_keyring(tmp_path / "other.json")
    said = refusal(moving.new.start("migrate-data", keyring=str(tmp_path / "other.json")))
    assert "lacks keys of" in said


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_without_an_installation_is_told(folder: str, moving: Moving, tmp_path: Path) -> None:
    assert "this is no whole data folder" in refusal(moving.new.start("migrate-data", str(tmp_path / folder)))


def test_files_do_not_move_to_files(moving: Moving) -> None:
    assert "YIKOU_STORE_URL must be the postgresql:// address" in refusal(moving.old.start("migrate-data"))


def test_a_value_that_postgresql_does_not_keep_moves_nothing(moving: Moving) -> None:
    engine = open_engine(f"sqlite:///{moving.old.folder}/notifier.db", writes=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE parked SET error = 'a' || char(0) || 'b'")
    engine.dispose()
    process = moving.new.start("migrate-data")
    _, complained = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "/ Table parked holds something that PostgreSQL" in complained
    assert moving.rows("notifier", "SELECT count(*) FROM outbox") == [(0,)]
