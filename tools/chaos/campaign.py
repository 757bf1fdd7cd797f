"""One campaign: start, break, mend, drain, compare with a quiet hour, stop, dump."""

import asyncio
import contextlib
import random
import shutil
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.commands.bench_installation import CITY
from services.domain.city import City
from tools.chaos.dumps import dump, open_work
from tools.chaos.embedded import Embedded
from tools.chaos.faults import FAKETIME
from tools.chaos.history import PHASES, SAMPLES, History
from tools.chaos.load import Load
from tools.chaos.network import HERE
from tools.chaos.operator import mend_parked, try_waiting
from tools.chaos.plan import Plan, Targets, plan
from tools.chaos.quiet import one_dead_partner, sample
from tools.chaos.scene import Scene
from tools.chaos.stack import Keys
from tools.chaos.system import running

SKEWED: Final = ("router-2", "inspection_adapter-2", "notifier-1")
HEARD: Final = 15.0  # seconds until the operator has heard that the units are back
DRAIN: Final = 180.0  # seconds that we wait; what must hold is less (see the checks)
PARTNERS: Final = "partners.jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds` of faults; `rate`: cases per second meanwhile; `quiet`: with the part after them.

    `slack`: how many times as long everything may take, on a machine that has other things to do.
    """

    stack: str
    seed: int
    seconds: float
    rate: float
    folder: Path
    kills: int = 0
    quiet: bool = True
    slack: float = 1.0


async def campaign(options: Options) -> Plan:
    """Run it; everything that was seen stands in the folder afterwards. NotPossible."""
    shutil.rmtree(options.folder, ignore_errors=True)
    history = History(options.folder)
    async with AsyncExitStack() as ending:
        ending.callback(history.close)
        scene, keys = await ending.enter_async_context(
            running(options.stack, options.seed, options.folder, history)
        )
        units = [unit.id for unit in City.load(CITY).units]
        targets = _targets(scene, units, options.rate)
        drawn = plan(options.stack, options.seed, options.seconds, targets, options.kills)
        for line in drawn.lines():
            history.write("plan", line)
        scene.slack = options.slack
        load = _load(scene, options, keys, history)
        background = [asyncio.create_task(scene.keep()), asyncio.create_task(_samples(scene, history))]
        try:
            await _campaign(scene, drawn, load, keys, history, quiet=options.quiet)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
    return drawn


async def _campaign(
    scene: Scene, drawn: Plan, load: Load, keys: Keys, history: History, *, quiet: bool
) -> None:
    history.note(PHASES, "faults", stack=drawn.stack, seed=drawn.seed, slack=scene.slack)
    stop = asyncio.Event()
    posting = asyncio.create_task(load.run(stop))
    await scene.run(drawn)
    stop.set()
    history.note(PHASES, "posted", cases=await posting)
    await drained(scene, load, keys, history, scene.last)
    if quiet:
        await one_dead_partner(scene, load, history)
        await drained(scene, load, keys, history, time.time())
    history.note(PHASES, "end")
    await _every_offset(scene, history)
    await _dump_when_still(scene, history)


async def _dump_when_still(scene: Scene, history: History) -> None:
    await asyncio.sleep(2)  # positions and marks are written a moment later
    await dump(scene.stack, history)


async def drained(scene: Scene, load: Load, keys: Keys, history: History, since: float) -> None:
    """Wait until nothing is open any more; the operator does what only an operator can."""
    left, tried = {"everything": 1}, False
    while any(left.values()) and time.time() - since < DRAIN * scene.slack:
        with contextlib.suppress(OSError):
            if left.get("parked"):
                await mend_parked(scene.stack, keys, history)
            if left.get("deliveries") and not tried and time.time() - since > HEARD:
                tried = True
                await try_waiting(scene.stack, keys, history)
            left = await open_work(scene.stack, list(load.cases.values()), datetime.now(UTC))
            history.note(PHASES, "left", **left)
        await asyncio.sleep(0.5)
    history.note(PHASES, "drained", after=round(time.time() - since, 2), left=sum(left.values()))


async def _samples(scene: Scene, history: History) -> None:
    while True:
        await _every_offset(scene, history)
        for child in scene.stack.children.values():
            sample(child, history)
        await asyncio.sleep(1.0)


async def _every_offset(scene: Scene, history: History) -> None:
    with contextlib.suppress(OSError):
        for place, offset in (await scene.stack.offsets()).items():
            history.note(SAMPLES, "offset", place=place, offset=offset)


def _targets(scene: Scene, units: Sequence[str], rate: float) -> Targets:
    stack = scene.stack
    return Targets(
        processes=sorted(stack.children), units=units, ways=sorted(scene.ways),
        servers=stack.servers is not None, rate=rate, full=isinstance(stack, Embedded) and stack.small,
        skewed=[name for name in SKEWED if FAKETIME.exists() and name in stack.children],
    )  # fmt: skip


def _load(scene: Scene, options: Options, keys: Keys, history: History) -> Load:
    districts = [district.code for district in City.load(CITY).districts]
    url = f"http://{HERE}:{scene.ways['clients'].port}"
    return Load(url, keys, districts, history, options.rate, random.Random(options.seed))
