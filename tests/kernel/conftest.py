"""The real parts that the kernel's tests ask for, and the logs that keep one contract."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.kernel.eventlog import EventLog
from services.kernel.eventlog_url import open_log
from tests.kernel.event_logs import Open, topic_url
from tools.real.kafka import Cluster


@pytest.fixture(params=["sqlite", "kafka"])
def log_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty log."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/log.db"
    return topic_url(request.getfixturevalue("kafka"), session=2)


@pytest.fixture
async def opened(log_url: str) -> AsyncIterator[Open]:
    """Opens the same log again and again, as processes would."""
    logs: list[EventLog] = []

    async def start() -> EventLog:
        logs.append(await open_log(log_url))
        return logs[-1]

    yield start
    await asyncio.gather(*(log.close() for log in logs))


@pytest.fixture
def kafka_url(kafka: Cluster) -> str:
    """An empty log whose members are missed after two seconds."""
    return topic_url(kafka, session=2)


@pytest.fixture
def nothing_is_left_behind(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No task or future that somebody should have looked after."""
    yield
    gc.collect()
    said = [*caplog.get_records("call"), *caplog.records]
    assert [entry.getMessage() for entry in said if entry.name == "asyncio"] == []
