"""Routers that are killed again and again while clocks come due: each is said once, none is forgotten."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest

from services.kernel.service import KERNEL
from services.router.models import HISTORY
from tests.kernel.cells import Clock
from tests.places import Place
from tests.router.office import office

ROOT = Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("KILL_SEED", "20260930"))
CLOCKS = int(os.environ.get("KILL_CLOCKS", "2000"))
KILLS = int(os.environ.get("KILL_KILLS", "20"))
SPREAD = 45.0  # seconds over which they come due
SAID = "SELECT case_id, count(*) FROM outbox WHERE type = 'DeadlineMissed' GROUP BY case_id"
LEFT = "SELECT count(*) FROM router_clock WHERE clock = 'acknowledgement' AND state <> 'missed'"
HOLES = """SELECT count(*) FROM (SELECT case_id FROM outbox GROUP BY case_id
    HAVING min(case_seq) <> 1 OR max(case_seq) <> count(*)) AS broken"""


class Routers:
    """Processes on one store. However the test ends, none of them is left."""

    def __init__(self, url: str) -> None:
        self.url, self.running = url, list[subprocess.Popen[bytes]]()

    async def start(self) -> None:
        command = [sys.executable, "-m", "tests.router.firing", self.url]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)  # noqa: ASYNC220
        self.running.append(process)
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == b"ready\n"

    def kill(self, number: int) -> None:
        process = self.running.pop(number)
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        while self.running:
            self.kill(0)


async def owing(url: str, begin: datetime) -> Sequence[object]:
    """Urgent cases whose ten minutes are over in the seconds after `begin`."""
    clock = Clock(begin - timedelta(minutes=10))
    async with office(url=url, clock=clock) as work:
        cases = []
        for _ in range(CLOCKS // 50):
            batch = [work.received(urgent=True) for _ in range(50)]
            await work.hear(*batch, *(work.delivered(case) for case in batch))
            cases += batch
            clock.forward(seconds=SPREAD * 50 / CLOCKS)
        return [case.case_id for case in cases]


async def disturb(routers: Routers, replicas: int, until: datetime) -> int:
    """Kill one of them and start another, until there were enough kills and everything has come due."""
    chance, kills = random.Random(SEED), 0
    await asyncio.gather(*(routers.start() for _ in range(replicas)))
    while kills < KILLS or datetime.now(UTC) < until:
        await asyncio.sleep(chance.uniform(0.0, 0.6))
        if kills < KILLS:
            routers.kill(chance.randrange(replicas))
            kills += 1
            await routers.start()
    return kills


@pytest.mark.timeout(1200)
async def test_each_clock_is_said_once_whoever_is_killed(place: Place) -> None:
    """Two replicas on PostgreSQL; on SQLite, where one process has the file, that process."""
    replicas, url = (2 if place.kind == "postgresql" else 1), place.url("router", KERNEL, HISTORY)
    begin = datetime.now(UTC) + timedelta(seconds=CLOCKS / 100)  # as long as it takes to make the cases
    cases = await owing(url, begin)
    with Routers(url) as routers:
        kills = await disturb(routers, replicas, begin + timedelta(seconds=SPREAD))
        waited = time.monotonic()
        while place.rows("router", LEFT) != [(0,)]:
            assert time.monotonic() - waited < 60
            await asyncio.sleep(0.2)
    said = Counter({str(case): int(str(times)) for case, times in place.rows("router", SAID)})
    once = sum(times == 1 for times in said.values())
    print(
        f"\n{place.kind}: seed {SEED}, {replicas} router(s), {kills} kills while {len(cases)} clocks came"
        f" due: {once} said once, {len(cases) - len(said)} never, {len(said) - once} more than once"
    )
    assert (len(said), once) == (len(cases), len(cases))
    assert place.rows("router", HOLES) == [(0,)]
    assert kills >= KILLS
