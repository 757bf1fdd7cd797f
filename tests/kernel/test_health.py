"""Alive, ready, and the figures, for those who may see them."""

import asyncio
from pathlib import Path

import pytest

from services.kernel.health import Health
from services.kernel.metrics import LOOP_LAG, exposition, watch_loop
from tests.kernel.front import front

SECRET = "王小明"


async def well() -> str | None:
    return None


async def broken() -> str | None:
    raise ConnectionError(SECRET)


async def stuck() -> str | None:
    await asyncio.sleep(60)
    return None


async def test_alive_says_nothing_of_the_parts(tmp_path: Path) -> None:
    health = Health()
    health.add("log", broken)
    async with front(tmp_path, health=health) as f:
        assert (await f.client.get("/healthz")).json() == {"status": "ok"}


async def test_ready_names_the_parts_that_are_not(tmp_path: Path) -> None:
    health = Health()
    health.add("intake", well)
    async with front(tmp_path, health=health) as f:
        assert (await f.client.get("/readyz")).json() == {"status": "ok", "failing": {}}
        health.add("log", broken)
        health.add("router", stuck)
        answer = await f.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "failing", "failing": {"log": "ConnectionError", "router": "timeout"}}


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.1.2.3", {}, 401),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, 401),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, 401),
    ],
)
async def test_figures_are_for_this_machine(
    tmp_path: Path, peer: str, headers: dict[str, str], status: int
) -> None:
    async with front(tmp_path, peer=peer) as f:
        assert (await f.client.get("/metrics", headers=headers)).status_code == status


async def test_figures_are_for_those_who_watch(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        for role, status in (("monitor", 200), ("operator", 200), ("agent", 403)):
            headers = await f.bearer(role, role)
            answer = await f.client.get("/metrics", headers=headers)
            assert answer.status_code == status, role
        assert "yikou_http_requests_total" in exposition().decode()


async def test_a_busy_event_loop_shows_in_the_figures() -> None:
    watch = asyncio.create_task(watch_loop(interval=0.01))
    await asyncio.sleep(0.03)
    deadline = asyncio.get_running_loop().time() + 0.15
    while asyncio.get_running_loop().time() < deadline:
        pass
    await asyncio.sleep(0.03)
    watch.cancel()
    assert "yikou_loop_lag_seconds 0.1" in exposition().decode()
    LOOP_LAG.set(0)
