"""`yikou migrate`, and what a service says of a database that it cannot use: one sentence, exit code 2."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from services.commands.migrate import databases as databases_of
from services.kernel.service import KERNEL
from services.router.models import HISTORY as ROUTER
from tests.commands.installed import Installed, installed, refusal
from tests.databases import Databases
from tests.places import Server

SECRET = "s3cret-of-ours"
NAMES = [name for name, _ in databases_of()]
TOWNS = count(1)


@pytest.fixture
def town(databases: Databases, tmp_path: Path) -> Iterator[Installed]:
    """An installation whose databases do not exist yet."""
    prefix = f"town{next(TOWNS)}"
    yield installed(tmp_path, store_url=databases.server.url(f"{prefix}_{{service}}"))
    for name in NAMES:
        databases.drop(f"{prefix}_{name}")


def test_migrate_makes_every_database_and_the_next_time_finds_nothing_to_do(town: Installed) -> None:
    first, second = town.run("migrate"), town.run("migrate")
    assert [line.split(":")[0] for line in first.splitlines()] == NAMES
    assert "intake: kernel - → 0001, intake - → " in first
    assert second.splitlines() == [f"{name}: 已是最新 / up to date" for name in NAMES]


def test_two_who_migrate_at_once_both_end_well(town: Installed) -> None:
    both = [town.start("migrate") for _ in range(2)]
    ends = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    said = "".join(out for out, _ in ends)
    assert said.count("kernel - → 0001") == len(NAMES) - 1


def test_a_service_without_its_database_or_its_tables_says_what_to_run(
    town: Installed, databases: Databases
) -> None:
    assert "没有这个数据库，请先运行 yikou migrate" in refusal(town.start("serve", "router"))
    for name in ("access", "router"):
        databases.make(town.settings["store_url"].rpartition("/")[2].replace("{service}", name))
    said = refusal(town.start("serve", "router"))
    assert "(access empty) are older than the program: run yikou migrate first." in said


def test_a_service_does_not_serve_newer_tables(town: Installed, databases: Databases) -> None:
    town.run("migrate")
    database = town.settings["store_url"].rpartition("/")[2].replace("{service}", "router")
    databases.run(database, "UPDATE schema_router SET version_num = '0999'")
    for command in (("serve", "router"), ("migrate",)):
        process = town.start(*command)
        said, complained = process.communicate(timeout=60)
        assert (process.returncode, "use a newer program" in complained) == (2, True), said + complained


@pytest.fixture
def guarded(databases: Databases, server: Server) -> Callable[[str, str], str]:
    """URLs for users with a password; `guarded` may do nothing but sign in."""
    server.url("router", KERNEL, ROUTER)
    access = databases.server.folder / "data" / "pg_hba.conf"
    rule = "host all guarded 127.0.0.1/32 scram-sha-256\n"
    if rule not in access.read_text():
        access.write_text(rule + access.read_text())
        databases.run("postgres", f"CREATE ROLE guarded LOGIN PASSWORD '{SECRET}'", "SELECT pg_reload_conf()")

    def url(user: str, password: str) -> str:
        return server.pattern.replace("postgres@", f"{user}:{password}@")

    return url


def test_a_wrong_password_is_told_without_repeating_it(
    guarded: Callable[[str, str], str], tmp_path: Path
) -> None:
    home = installed(tmp_path, store_url=guarded("guarded", "wrong-" + SECRET))
    for command in (("serve", "router"), ("migrate",)):
        said = refusal(home.start(*command))
        assert "refuses the user or the password" in said
        assert "_access" in said or "_intake" in said
        assert SECRET not in said


def test_who_may_not_make_databases_is_sent_to_the_administrator(
    guarded: Callable[[str, str], str], tmp_path: Path
) -> None:
    home = installed(tmp_path, store_url=guarded("guarded", SECRET))
    assert "this user may not make one: ask the administrator" in refusal(home.start("migrate"))


def test_a_url_that_is_none_names_its_setting(tmp_path: Path) -> None:
    home = installed(tmp_path, store_url="postgresql://127.0.0.1:nonsense/y_{service}")
    both = [home.start("serve", "router"), home.start("migrate")]
    for process in both:
        assert "YIKOU_STORE_URL must look like postgresql://" in refusal(process)


def test_a_setting_that_the_server_does_not_know_is_told(databases: Databases, tmp_path: Path) -> None:
    home = installed(tmp_path, store_url=databases.server.url("postgres") + "?speed={service}")
    assert "Cannot connect to PostgreSQL" in refusal(home.start("serve", "router"))


def test_a_server_that_does_not_answer_is_waited_for_and_then_told(free_port: int, tmp_path: Path) -> None:
    home = installed(tmp_path, store_url=f"postgresql://postgres@127.0.0.1:{free_port}/y_{{service}}")
    both = [home.start("serve", "router"), home.start("migrate")]
    for process in both:
        assert f"PostgreSQL at 127.0.0.1:{free_port}/y_" in (said := refusal(process))
        assert "does not answer" in said


def test_the_tables_of_a_running_server_on_files_stay_as_they_are(tmp_path: Path) -> None:
    home = installed(tmp_path)
    server = home.start("serve", "router", port="0")
    try:
        while not (tmp_path / "router.db").exists():
            assert server.poll() is None
            time.sleep(0.01)
        assert "另一个进程" in refusal(home.start("migrate"))
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert "up to date" in home.run("migrate")
