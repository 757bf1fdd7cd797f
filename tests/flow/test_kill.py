"""kill -9 at random points while cases come in: nothing lost, nothing doubled, drained soon afterwards.

The simulators and the client live outside and count for themselves. KILL_SEED, KILL_CASES and KILL_KILLS
change the run; what it did is printed at the end.
"""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from services.domain.city import City
from services.simulators.run import Simulation, simulation
from tests.flow import evidence
from tests.flow.cases import all_closed, body, post
from tests.flow.node import CITY, Node, connect, install, token
from tests.places import Folder

SEED = int(os.environ.get("KILL_SEED", "20260922"))
CASES = int(os.environ.get("KILL_CASES", "300"))
KILLS = int(os.environ.get("KILL_KILLS", "20"))
DRAIN = 60.0  # seconds after the last kill


Posting = asyncio.Task[list[str]]


async def disturb(node: Node, chance: random.Random, posting: Posting) -> tuple[int, float]:
    """Kill and start again until there were enough kills and every case is in; kills, and the last's time."""
    kills, last = 0, time.monotonic()
    while kills < KILLS or not posting.done():
        await node.ready()
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        if kills >= KILLS and posting.done():
            break
        node.kill()
        kills, last = kills + 1, time.monotonic()
        node.start()
    return kills, last


async def run(node: Node, key: str, districts: Sequence[str]) -> tuple[list[str], int, float]:
    chance = random.Random(SEED)
    async with httpx.AsyncClient(
        base_url=node.url, headers={"Authorization": f"Bearer {key}"}, timeout=10, trust_env=False
    ) as http:

        async def load() -> list[str]:
            lanes = asyncio.Semaphore(8)

            async def one(number: int) -> str:
                async with lanes:
                    await asyncio.sleep(chance.uniform(0.0, 0.5))  # spread over the kills
                    return await post(http, f"kill-{number}", body(number, districts))

            return await asyncio.gather(*(one(number) for number in range(CASES)))

        posting = asyncio.create_task(load())
        kills, last = await disturb(node, chance, posting)
        ids = await posting
        while not await all_closed(http, ids):
            assert time.monotonic() - last < DRAIN * 2, "not drained"
            await asyncio.sleep(0.2)
    return ids, kills, time.monotonic() - last


@pytest.mark.timeout(600)
async def test_nothing_is_lost_or_doubled_when_the_process_is_killed_again_and_again(tmp_path: Path) -> None:
    secrets, node = install(tmp_path), Node(tmp_path)
    key = await token(tmp_path, "supervisor")
    districts = [district.code for district in City.load(CITY).districts]
    async with simulation(secrets, node.url, seed=SEED, state=tmp_path / "simulators.jsonl") as partners:
        connect(tmp_path, partners.url, list(secrets))
        node.simulators = partners.url
        node.start()
        try:
            ids, kills, drained = await run(node, key, districts)
            await evidence.settled(Folder(tmp_path).rows)
        finally:
            node.stop()
        report(partners, ids, kills, drained)
        check(Folder(tmp_path).rows, partners, ids)
    assert kills >= KILLS
    assert drained < DRAIN


def report(partners: Simulation, ids: Sequence[str], kills: int, drained: float) -> None:
    counts = partners.counts()
    units, texts = counts["units"], counts["sms"]
    print(
        f"\nseed {SEED}: {kills} kills, {len(ids)} cases accepted, drained {drained:.1f} s after the last;"
        f" partners: {units['request']} requests, {units['task']} tasks, {units['callback']} calls;"
        f" SMS: {texts['request']} requests, {texts['message']} distinct, {texts.get('repeat', 0)} repeated"
    )


def check(rows: evidence.Rows, partners: Simulation, ids: Sequence[str]) -> None:
    evidence.whole(rows, partners, ids, CASES)
    assert evidence.out_of_order(evidence.embedded_log(rows)) == []
