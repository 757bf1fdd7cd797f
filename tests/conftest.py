"""What every test may use: a free port, places for stores, and a way to say that a real part is missing.

A suite that needs a real part (Kafka, PostgreSQL, Chromium, ...) asks for `missing_part` and calls it when
the part is absent. The test is skipped and the closing summary names the part; with REQUIRE_REAL=1 it fails.
"""

import os
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import Databases
from tests.places import Folder, Place, Server
from tools.real.kafka import Cluster
from tools.real.kafka_jars import NoKafka
from tools.real.postgres import NoPostgres, Postgres

pytest.register_assert_rewrite("tests.flow.evidence")  # a failed count says what was counted

# A busy machine is slow, which says nothing of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

MARK = "real part missing: "
MissingPart = Callable[[str, str], NoReturn]


@pytest.fixture(scope="session")
def missing_part() -> MissingPart:
    """`missing_part("kafka", "no Java on the PATH")` ends the test."""

    def end(part: str, why: str) -> NoReturn:
        if os.environ.get("REQUIRE_REAL") == "1":
            pytest.fail(f"{MARK}{part} ({why})", pytrace=False)
        pytest.skip(f"{MARK}{part} ({why})")

    return end


@pytest.fixture(scope="session")
def kafka(missing_part: MissingPart, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A Kafka of one node. A test that kills it starts it again."""
    try:
        cluster = Cluster(tmp_path_factory.mktemp("kafka"))
    except NoKafka as why:
        missing_part("kafka", str(why))
    with cluster:
        yield cluster


@pytest.fixture
def fragile(missing_part: MissingPart, tmp_path: Path) -> Iterator[Cluster]:
    """A Kafka of this test alone."""
    try:
        (folder := tmp_path / "kafka").mkdir()
        cluster = Cluster(folder, kept=True)
    except NoKafka as why:
        missing_part("kafka", str(why))
    with cluster:
        yield cluster


@contextmanager
def own_server(missing_part: MissingPart, *, durable: bool = False) -> Iterator[Databases]:
    """A PostgreSQL. `durable`: it keeps what it acknowledged when it is killed."""
    try:
        # Not in pytest's own folder: the next run that begins would close it to the server's user.
        server = Postgres(Path(tempfile.mkdtemp(prefix="postgres-")), durable=durable)
    except NoPostgres as why:
        missing_part("postgresql", str(why))
    with server, Databases(server) as databases:
        yield databases


@pytest.fixture(scope="session")
def databases(missing_part: MissingPart) -> Iterator[Databases]:
    """A PostgreSQL for the whole run. A test that kills a server has one of its own."""
    with own_server(missing_part) as databases:
        yield databases


@pytest.fixture
def server(databases: Databases, tmp_path: Path) -> Iterator[Server]:
    """Stores that several processes share."""
    server = Server(databases, tmp_path)
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each place that stores can be at: they keep one contract."""
    found: Place = request.getfixturevalue("server") if request.param == "postgresql" else Folder(tmp_path)
    return found


@pytest.fixture
def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = (report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    missing = Counter(reason.split(MARK, 1)[1] for reason in reasons if MARK in reason)
    if missing:
        terminalreporter.section("real parts missing here (REQUIRE_REAL=1 makes them failures)")
        for part, tests in sorted(missing.items()):
            terminalreporter.line(f"{part}: {tests} test{'s' if tests > 1 else ''} not run")
