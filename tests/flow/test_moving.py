"""A city outgrows its one machine: killed in the middle of a load, moved, and carried on by many processes.

Callers go on calling all the while, the partners call back whoever answers, and both count for themselves.
"""

import asyncio
import time
from pathlib import Path

import pytest

from services.simulators.run import simulation
from tests.commands.installed import Installed, refusal
from tests.conftest import MissingPart
from tests.flow import evidence
from tests.flow.callers import callers
from tests.flow.node import Node, connect, install, token
from tests.flow.processes import serving, settings_of
from tests.flow.stores import Stores
from tests.places import Folder
from tools.scaled.proxy import nginx

CASES, AT = 150, 60  # cases in all, and how many are in when the old system is killed
DRAIN = 150.0  # seconds


@pytest.mark.timeout(420)
async def test_an_installation_killed_under_load_moves_and_goes_on_with_nothing_lost_or_doubled(
    tmp_path: Path, stores: Stores, missing_part: MissingPart
) -> None:
    if nginx() is None:
        missing_part("nginx", "no nginx on the PATH")
    secrets, node = install(tmp_path), Node(tmp_path)
    key = await token(tmp_path, "supervisor")
    async with (
        simulation(secrets, node.url, seed=7, state=tmp_path / "simulators.jsonl") as partners,
        callers(node.url, key, CASES) as calling,
    ):
        connect(tmp_path, partners.url, list(secrets))
        node.simulators = partners.url
        node.start()
        await node.ready()
        load = asyncio.create_task(calling.call())
        await calling.answered(AT)
        node.kill()
        before = evidence.statuses(Folder(tmp_path).rows)
        said = await asyncio.to_thread(move, tmp_path, stores)
        began = time.monotonic()
        async with serving(settings_of(tmp_path, node.port, stores.store_url, stores.log_url), partners.url):
            await load
            await calling.all_closed(DRAIN)
            await evidence.settled(stores.rows)
        print(f"\nkilled with {dict(before)}\n{said}drained {time.monotonic() - began:.1f} s after the move")
        assert sum(before.values()) >= AT > before["closed"]
        evidence.whole(stores.rows, partners, calling.ids, CASES)


def move(folder: Path, stores: Stores) -> str:
    """As an operator would, and as one would who says it twice, or starts the old one again."""
    old, new = (
        Installed(folder),
        Installed(folder, {"store_url": stores.store_url, "log_url": stores.log_url}),
    )
    new.run("topic", "create")
    said = new.run("migrate-data")
    assert "Everything was moved" in said
    assert "was moved before" in refusal(new.start("migrate-data"))
    assert "were moved away: started here, cases would be worked on twice" in refusal(old.start("serve"))
    return said
