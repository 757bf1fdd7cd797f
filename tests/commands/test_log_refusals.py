"""What the commands say of an event log that they cannot use: one sentence, exit code 2. On a real Kafka."""

import asyncio
import itertools
import signal
import time
from pathlib import Path

import httpx
import pytest

from services.kernel.kafka.topic import create_topic
from tests.commands.installed import installed, refusal
from tools.real.kafka import Cluster
from tools.real.kafka_node import PASSWORD, USER

SERVE, CREATE = ("serve", "router"), ("topic", "create")
TOPICS = itertools.count(1)


@pytest.fixture
def topic(kafka: Cluster) -> str:
    """A topic of four partitions."""
    name = f"refused{next(TOPICS)}"
    asyncio.run(create_topic(f"kafka://{kafka.bootstrap}/{name}", 4))
    return name


def refusals(folder: Path, url: str, *commands: tuple[str, ...]) -> list[str]:
    """What each command said, all of them run at once."""
    home = installed(folder, log_url=url, port="0")
    return [refusal(process) for process in [home.start(*command) for command in commands]]


def test_a_url_that_is_none_names_its_setting(tmp_path: Path) -> None:
    for said in refusals(tmp_path, "kafka://127.0.0.1:nonsense/cases", SERVE, CREATE):
        assert said.count("YIKOU_LOG_URL") == 2  # in Chinese and in English


def test_a_missing_topic_says_what_to_run(kafka: Cluster, tmp_path: Path) -> None:
    [said] = refusals(tmp_path, f"kafka://{kafka.bootstrap}/nowhere-at-all", SERVE)
    assert "Kafka has no topic nowhere-at-all: run `yikou topic create` first." in said


def test_a_topic_with_fewer_partitions_than_configured_is_refused(
    kafka: Cluster, topic: str, tmp_path: Path
) -> None:
    for said in refusals(tmp_path, f"kafka://{kafka.bootstrap}/{topic}?partitions=12", SERVE, CREATE):
        assert f"Topic {topic} has 4 partitions, 12 are configured" in said


def test_a_wrong_password_is_told_without_repeating_it(kafka: Cluster, topic: str, tmp_path: Path) -> None:
    url = f"kafka://{USER}:wrong-{PASSWORD}@{kafka.secure}/{topic}?partitions=4&ca={kafka.ca}"
    for said in refusals(tmp_path, url, SERVE, CREATE):
        assert "refused the user or the password" in said
        assert PASSWORD not in said


def test_a_topic_is_not_made_where_no_broker_answers(free_port: int, tmp_path: Path) -> None:
    [said] = refusals(tmp_path, f"kafka://127.0.0.1:{free_port}/cases", CREATE)
    assert f"Kafka at 127.0.0.1:{free_port} cannot be reached now" in said


def test_a_service_waits_for_a_broker_that_is_away_says_so_and_ends_when_asked(
    free_port: int, tmp_path: Path
) -> None:
    """It must not end: cases are taken, whatever the log does."""
    port = free_port + 1 if free_port < 65535 else free_port - 1
    home = installed(tmp_path, log_url=f"kafka://127.0.0.1:{port}/cases", port=str(free_port))
    process = home.start("serve", "intake")
    until = time.monotonic() + 30
    while True:
        try:
            assert httpx.get(f"http://127.0.0.1:{free_port}/readyz", trust_env=False).status_code == 200
            break
        except httpx.TransportError:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    said, complained = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, "")
    assert f'{{"host": ["127.0.0.1:{port}"]' in complained
    assert "Traceback" not in complained
