"""After the faults: how fast it is when all is well, and how fast for the others with one partner dead."""

import asyncio
import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from services.commands.bench_installation import CITY
from services.commands.bench_table import resident
from services.domain.city import City
from services.simulators.behaviour import Fault as Trouble
from tools.chaos.history import PHASES, SAMPLES, History
from tools.chaos.load import Load
from tools.chaos.scene import Scene
from tools.scaled.child import Child

CASES: Final = 60  # of each half
RATE: Final = 6.0  # per second
DISTRICTS: Final = 4
SETTLE: Final = 3.0  # seconds until what was borrowed is given back


async def one_dead_partner(scene: Scene, load: Load, history: History) -> None:
    """The same load twice; the second time one of four units of a kind does not answer at all."""
    four = replace(load, districts=load.districts[:DISTRICTS], rate=RATE)
    unit = City.load(CITY).unit_for("inspection", four.districts[0])
    dead = unit.id if unit else ""
    await four.run(asyncio.Event(), CASES)  # connections are open, caches are warm
    await asyncio.sleep(SETTLE)
    await _measured(scene, four, history, "all_well")
    scene.behaviour.set(dead, Trouble(mode="down"))
    await _measured(scene, four, history, "one_dead", dead=dead)
    scene.behaviour.set(dead, Trouble())


async def _measured(scene: Scene, load: Load, history: History, name: str, dead: str = "") -> None:
    history.note(PHASES, name, dead=dead)
    await load.run(asyncio.Event(), CASES)
    await asyncio.sleep(SETTLE)
    history.note(PHASES, f"{name}_over", dead=dead)
    for child in scene.stack.children.values():
        sample(child, history, name)


def sample(child: Child, history: History, phase: str = "") -> None:
    """Memory and open files of a process."""
    if child.process is None:
        return
    with contextlib.suppress(OSError):
        pid = child.process.pid
        files = len(os.listdir(Path(f"/proc/{pid}/fd")))
        memory = resident(pid) or 0
        history.note(SAMPLES, "process", target=child.name, pid=pid, memory=memory, files=files, phase=phase)
