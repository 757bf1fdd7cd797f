"""One world, made from its seed: two processes of each service, clients, faults, and what must hold."""

import asyncio
import contextvars
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.kernel.database.errors import Passing
from services.kernel.surroundings import Surroundings
from services.kernel.writer import Busy
from tests.kernel.cells import START
from tests.simulation.disk import Disk, disk
from tests.simulation.log import SESSION, FakeLog
from tests.simulation.loop import PROCESS, VirtualLoop
from tests.simulation.outside import Partner
from tests.simulation.town import DESK, UNIT, Parts, SimulatedCell, service, write

CASES, WRITES = 3, 3
PATIENCE = 900.0  # virtual seconds until all must be done
STEPS = 2500  # about how many a world takes; faults come at any of them
SERVICES = (DESK, UNIT)
TALLY = Counter[str]


@dataclass
class World:
    """`broken`: sentences about what does not hold. `answered`: writes that a client was told are safe."""

    seed: int
    parts: Parts
    loop: VirtualLoop
    chance: random.Random
    disks: dict[str, Disk] = field(default_factory=lambda: {name: disk(name).emptied() for name in SERVICES})
    cells: dict[str, SimulatedCell] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    made: TALLY = field(default_factory=Counter)
    names: int = 0

    def __post_init__(self) -> None:
        self.log, self.partner = FakeLog(self.chance), Partner(self.now, self.chance)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.loop.time())

    async def run(self) -> None:
        for name in SERVICES * 2:
            self.start(name)
        self.plan()
        clients = [asyncio.create_task(self.client(UUID(int=n * 7 + 1), n)) for n in range(CASES)]
        await asyncio.gather(*clients)
        while not self.finished() and self.loop.time() < PATIENCE:  # noqa: ASYNC110 (a disk tells nobody)
            await asyncio.sleep(2.0)
        for process in list(self.cells):
            self.loop.kill(process)

    def start(self, name: str) -> None:
        """One more process of this service."""
        self.names += 1
        process = f"{name}-{self.names}"
        context = contextvars.copy_context()
        context.run(PROCESS.set, process)
        around = Surroundings(self.now, random.Random(f"{self.seed} {process}"))

        def begin() -> None:
            database = self.parts.database(self.disks[name], self.now, self.chance)
            cell = SimulatedCell(service(name, around, database, self.partner), self.log, self.parts)
            self.cells[process] = cell
            self.loop.create_task(cell.start())

        context.run(begin)

    def plan(self) -> None:
        """Kills and stops before steps that the seed names."""
        for _ in range(self.chance.randrange(1, 5)):
            step = self.chance.randrange(50, STEPS)
            fault = self.kill if self.chance.random() < 0.7 else self.stop
            self.loop.at_step[step] = fault

    def kill(self) -> None:
        if not self.cells:
            return
        process = self.chance.choice(sorted(self.cells))
        self.made["kill"] += 1
        del self.cells[process]
        self.loop.kill(process)
        name = process.partition("-")[0]
        self.disks[name].forget(process)
        self.loop.call_later(SESSION, self.log.leave, process)
        self.loop.call_later(self.chance.uniform(0.1, 3.0), self.start, name)

    def stop(self) -> None:
        """It stands still, at times for longer than a lease; then it goes on as if nothing had been."""
        if not self.cells:
            return
        process = self.chance.choice(sorted(self.cells))
        self.made["stop"] += 1
        self.loop.stop_process(process)
        self.loop.call_later(SESSION, self.log.leave, process)
        self.loop.call_later(self.chance.choice((2.0, 10.0, 70.0)), self.loop.go_on, process)

    async def client(self, case: UUID, number: int) -> None:
        for write_number in range(WRITES):
            await asyncio.sleep(self.chance.expovariate(2.0))
            name = f"{number}-{write_number}"
            while not await self.asked(case, name):  # noqa: ASYNC110 (a client that repeats itself)
                await asyncio.sleep(self.chance.uniform(0.05, 0.5))
            self.answered.add(name)

    async def asked(self, case: UUID, name: str) -> bool:
        """Ask any process of the desk; True when it answered that it is safe."""
        running = [one for one in sorted(self.cells) if one.startswith(DESK)]
        if not running:
            return False
        process = self.chance.choice(running)
        store = self.cells[process].service.store
        context = contextvars.copy_context()
        context.run(PROCESS.set, process)
        task = self.loop.create_task(store.run(lambda tx: write(tx, case, name)), context=context)
        done, _ = await asyncio.wait({task}, timeout=5)
        if not done:
            return False  # it died, or stands still: nobody knows
        return task.exception() is None or not isinstance(task.exception(), Passing | Busy)

    def finished(self) -> bool:
        told = self.disks[DESK].rows("SELECT count(*) FROM heard WHERE name LIKE 'told %'")[0][0]
        left = sum(int(str(disk.rows(LEFT)[0][0])) for disk in self.disks.values())
        return told == CASES * WRITES and not left


LEFT = """SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) + (SELECT count(*) FROM parked)
    + (SELECT count(*) FROM delivery WHERE settled_at IS NULL)"""
