"""What every test may use: a free port, and a way to say that a real part is missing on this machine.

A suite that needs a real part (Kafka, PostgreSQL, Chromium, ...) asks for `missing_part` and calls it when
the part is absent. The test is skipped and the closing summary names the part; with REQUIRE_REAL=1 it fails.
"""

import os
import socket
from collections import Counter
from collections.abc import Callable
from typing import NoReturn

import pytest

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
