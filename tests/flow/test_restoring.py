"""The drill: backed up under load, killed, restored into a new place, and carried on from there.

Partners call nobody between the back-up and the end of the restore: what they said meanwhile would be lost
with the old system, as is whatever a caller told it after the back-up.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from services.commands.migrate import databases as databases_of
from services.simulators.behaviour import FAST, Pace
from services.simulators.callbacks import CallBacks
from services.simulators.run import Simulation, simulation
from tests.commands.installed import Installed, refusal
from tests.databases import Databases
from tests.flow import evidence
from tests.flow.callers import callers
from tests.flow.node import connect, install
from tests.flow.part import part
from tests.places import Folder

ENDLESS, AT = 5_000, 50  # cases in all, and how many are in when the back-up begins
PAUSE = 0.5  # seconds between two calls of each line: they go on as long as the back-up takes
ASLEEP = Pace((1e6, 1e6), (1e6, 1e6), (1e6, 1e6))
PLACES = count(1)


class Home:
    """An installation and what its databases hold."""

    def __init__(self, folder: Path, databases: Databases | None) -> None:
        folder.mkdir()
        self.prefix, self.databases = f"drill{next(PLACES)}", databases
        settings = {"store_url": databases.server.url(f"{self.prefix}_{{service}}")} if databases else {}
        self.folder, self.run = folder, Installed(folder, settings)

    def rows(self, name: str, sql: str) -> Sequence[tuple[object, ...]]:
        if self.databases is None:
            return Folder(self.folder).rows(name, sql)
        return self.databases.rows(f"{self.prefix}_{name}", sql)

    def close(self) -> None:
        if self.databases is not None:
            for name, _ in databases_of():
                self.databases.drop(f"{self.prefix}_{name}")


@pytest.fixture(params=["sqlite", "postgresql"])
def homes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Home, Home]]:
    """One that is lost, and the new place."""
    databases = request.getfixturevalue("databases") if request.param == "postgresql" else None
    old, new = Home(tmp_path / "old", databases), Home(tmp_path / "new", databases)
    yield old, new
    old.close()
    new.close()


@pytest.mark.timeout(420)
async def test_what_was_backed_up_under_load_is_restored_and_goes_on_with_every_event_applied_once(
    homes: tuple[Home, Home], tmp_path: Path
) -> None:
    old, new = homes
    secrets = install(old.folder)
    if old.databases:
        await asyncio.to_thread(old.run.run, "migrate")
    key = await asyncio.to_thread(supervisor, old)
    node = part(old.run, "old", "all")
    async with (
        simulation(secrets, node.url, seed=3) as partners,
        callers(node.url, key, ENDLESS, PAUSE) as calling,
    ):
        connect(old.folder, partners.url, list(secrets))
        node.simulators = partners.url
        node.start()
        await node.ready(60)
        load = asyncio.create_task(calling.call())
        await calling.answered(AT)
        partners.behaviour.set_pace("*", ASLEEP)
        await partners.partner.stop()
        said = await asyncio.to_thread(old.run.run, "backup", str(tmp_path / "kept"))
        load.cancel()
        node.kill()
        said += await asyncio.to_thread(restore, old, new, tmp_path / "kept")
        restored = evidence.statuses(new.rows)
        assert evidence.ahead(new.rows) == []
        partners.behaviour.set_pace("*", FAST)
        again = part(new.run, "new", "all")
        again.port, again.simulators = node.port, partners.url
        with again.running():
            await again.ready(60)
            async with calling_back(partners, CallBacks(node.url, secrets, partners.ledger)):
                await closed(new, restored.total())
                await evidence.settled(new.rows)
                last = await asyncio.to_thread(new.run.run, "outbox", "republish")
        print(f"\n{said}restored {dict(restored)}\n{last}")
        assert restored.total() >= AT > restored["closed"]
        assert "/ 0 events of 0 cases" in last
        assert_whole(new)


@asynccontextmanager
async def calling_back(partners: Simulation, callbacks: CallBacks) -> AsyncIterator[None]:
    """Partners call back again, to the end of the block."""
    await partners.partner.stop()
    partners.partner.start(callbacks)
    try:
        yield
    finally:
        await partners.partner.stop()
        callbacks.close()
        await asyncio.sleep(0)  # the loop closes what was just let go


def supervisor(home: Home) -> str:
    """A supervisor's token."""
    return home.run.run("token", "create", "--role", "supervisor", "--name", "test").strip()


def assert_whole(home: Home) -> None:
    assert evidence.parked(home.rows) == evidence.unpublished(home.rows) == 0
    assert evidence.holes(home.rows) == evidence.misplaced(home.rows) == []
    for names in evidence.timelines(home.rows).values():
        assert all(names.count(once) == 1 for once in evidence.ONCE), names


def restore(old: Home, new: Home, kept: Path) -> str:
    """In a new place there is nothing but the city and, from where it was kept, the key ring."""
    shutil.copytree(old.folder / "city", new.folder / "city")
    assert "There is no key ring" in refusal(new.run.start("restore", str(kept)))
    shutil.copy2(old.folder / "keyring.json", new.folder)
    said = new.run.run("restore", str(kept))
    assert "Everything was restored" in said
    again = new.run.start("restore", str(kept))
    assert again.wait(60) == 2  # there is an installation now
    again.communicate()
    return said


async def closed(home: Home, cases: int) -> None:
    for _ in range(300):
        if evidence.statuses(home.rows) == {"closed": cases}:
            return
        await asyncio.sleep(0.5)
    still = [names for names in evidence.timelines(home.rows).values() if "CaseClosed" not in names]
    pytest.fail(f"{evidence.statuses(home.rows)}, such as {still[:3]}")
