"""Kafka loses its disk while cases come in: the outboxes fill a new log, and each event is applied once."""

import asyncio
import re
from pathlib import Path

import pytest

from services.simulators.run import simulation
from tests.commands.installed import Installed
from tests.databases import Databases
from tests.flow import evidence
from tests.flow.callers import callers
from tests.flow.node import connect, install
from tests.flow.part import part
from tests.flow.stores import Stores
from tools.real.kafka import Cluster

CASES, AT = 120, 50  # cases in all, and how many are in when the disk is lost
DRAIN = 300.0  # seconds
BEHIND = ("inspection_adapter", "employment_adapter", "helpdesk_adapter", "notifier")
"""Do not run when the disk is lost: what they have not heard is nowhere but in the outboxes of the others."""
ROUTED = "SELECT id FROM outbox WHERE published_at IS NOT NULL"


@pytest.mark.timeout(600)
async def test_what_a_lost_broker_took_with_it_is_published_again_and_applied_once(
    tmp_path: Path, fragile: Cluster, databases: Databases
) -> None:
    stores = Stores(databases, fragile)
    secrets = install(tmp_path)
    home = Installed(tmp_path, {"store_url": stores.store_url, "log_url": stores.log_url})
    front, back = part(home, "front", "intake", "router"), part(home, "back", *BEHIND)
    for command in (("migrate",), ("topic", "create")):
        await asyncio.to_thread(home.run, *command)
    create = ("token", "create", "--role", "supervisor", "--name", "test")
    key = (await asyncio.to_thread(home.run, *create)).strip()
    async with (
        simulation(secrets, back.url, seed=11) as partners,
        callers(front.url, key, CASES) as calling,
    ):
        connect(tmp_path, partners.url, list(secrets))
        front.simulators = back.simulators = partners.url
        with front.running():
            await front.ready(60)
            load = asyncio.create_task(calling.call())
            await calling.answered(AT)
            while len(stores.rows("router", ROUTED)) < AT:  # noqa: ASYNC110 (looked at, not told)
                await asyncio.sleep(0.1)
            fragile.kill()
            fragile.lose()
            await calling.answered(AT + 30)  # a caller does not notice
            fragile.start()
            await asyncio.to_thread(fragile.wait)
            await asyncio.to_thread(home.run, "topic", "create")  # as docs/operate.md says it
            with back.running():  # it refuses to start while there is no topic
                said = await asyncio.to_thread(home.run, "outbox", "republish", "--rate", "200")
                await load
                await calling.all_closed(DRAIN)
                await evidence.settled(stores.rows)
                last = await asyncio.to_thread(home.run, "outbox", "republish")
        print(f"\n{said}{last}")
        assert int(re.findall(r"/ (\d+) events", said)[0]) >= 2 * AT
        assert "/ 0 events of 0 cases were published again" in last
        evidence.whole(stores.rows, partners, calling.ids, CASES)
    stores.close()
