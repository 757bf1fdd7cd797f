"""One campaign: start, break, mend, drain, compare with a quiet hour, stop, dump."""

import asyncio
import contextlib
import random
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.commands.bench_installation import CITY, connect, free_port, install, settings_in
from services.commands.installation import NotPossible
from services.commands.people import with_store
from services.domain.city import City
from services.kernel.settings import Settings
from services.kernel.surroundings import real
from services.kernel.tokens import create_token
from services.simulators.run import Simulation, simulation
from tools.chaos.dumps import dump, open_work
from tools.chaos.embedded import Embedded
from tools.chaos.faults import FAKETIME, Scene
from tools.chaos.history import PHASES, SAMPLES, History
from tools.chaos.load import Load
from tools.chaos.network import HERE, Way, way_to
from tools.chaos.operator import mend_parked
from tools.chaos.plan import Plan, Targets, plan
from tools.chaos.quiet import one_dead_partner, sample
from tools.chaos.stack import Keys, Stack, until_ready

DRAIN: Final = 180.0  # seconds that we wait; what must hold is less (see the checks)
PARTNERS: Final = "partners.jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds` of faults; `rate`: cases per second meanwhile."""

    stack: str
    seed: int
    seconds: float
    rate: float
    folder: Path
    kills: int = 0


async def campaign(options: Options) -> Plan:
    """Run it; everything that was seen stands in the folder afterwards. NotPossible."""
    shutil.rmtree(options.folder, ignore_errors=True)
    history = History(options.folder)
    async with AsyncExitStack() as ending:
        ending.callback(history.close)
        scene, keys = await ending.enter_async_context(_system(options, history))
        units = [unit.id for unit in City.load(CITY).units]
        drawn = plan(options.stack, options.seed, options.seconds, _targets(scene, units), options.kills)
        for line in drawn.lines():
            history.write("plan", line)
        load = _load(scene, options, keys, history)
        background = [asyncio.create_task(scene.keep()), asyncio.create_task(_samples(scene, history))]
        try:
            await _campaign(scene, drawn, load, keys, history)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
    return drawn


async def _campaign(scene: Scene, drawn: Plan, load: Load, keys: Keys, history: History) -> None:
    history.note(PHASES, "faults")
    stop = asyncio.Event()
    posting = asyncio.create_task(load.run(stop))
    await scene.run(drawn)
    stop.set()
    history.note(PHASES, "posted", cases=await posting)
    await drained(scene, load, keys, history, scene.last)
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
    left: dict[str, int] = {"everything": 1}
    while any(left.values()) and time.time() - since < DRAIN:
        with contextlib.suppress(OSError):
            if left.get("parked"):
                await mend_parked(scene.stack, keys, history)
            left = await open_work(scene.stack, list(load.cases.values()))
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


@asynccontextmanager
async def _system(options: Options, history: History) -> AsyncIterator[tuple[Scene, Keys]]:
    """The stack with its partners, ready."""
    async with AsyncExitStack() as ending:
        port = free_port()
        sms_way = await ending.enter_async_context(way_to(port))
        stack = Embedded(options.folder, f"http://{HERE}:{sms_way.port}")
        await ending.enter_async_context(stack.disk())
        secrets = install(stack.data)
        callbacks = await ending.enter_async_context(way_to(stack.front))
        clients = await ending.enter_async_context(way_to(stack.front))
        connect(stack.data, f"http://{HERE}:{sms_way.port}", list(secrets))
        settings = settings_in(stack.data)
        keys = await tokens(settings, next(iter(secrets)))
        running = await ending.enter_async_context(
            simulation(
                secrets, f"http://{HERE}:{callbacks.port}", port=port, seed=options.seed,
                state=options.folder / PARTNERS,
            )
        )  # fmt: skip
        ways = {"partners": sms_way, "callbacks": callbacks, "clients": clients}
        await ending.enter_async_context(stack.running())
        await all_ready(stack)
        yield _scene(stack, running, ways, history, options), keys


def _scene(
    stack: Stack, partners: Simulation, ways: dict[str, Way], history: History, options: Options
) -> Scene:
    return Scene(stack, partners.behaviour, ways, history, options.folder / "bug")


async def all_ready(stack: Stack) -> None:
    for child in stack.children.values():
        if not await until_ready(child):
            said = child.log.read_text("utf-8", "replace")[-2000:]
            raise NotPossible(f"{child.name} 没有启动。/ {child.name} did not start.\n{said}")


async def tokens(settings: Settings, unit: str) -> Keys:
    async def make(name: str, role: str, units: Sequence[str] = ()) -> str:
        return await with_store(settings, lambda store: create_token(store, name, role, real().now(), units))

    return Keys(
        client=await make("chaos", "machine"), stranger=await make("stranger", "machine"),
        operator=await make("operator", "operator"), officer=await make("officer", "officer", [unit]),
        officers_unit=unit,
    )  # fmt: skip


def _targets(scene: Scene, units: Sequence[str]) -> Targets:
    stack = scene.stack
    return Targets(
        processes=sorted(stack.children), units=units, ways=sorted(scene.ways),
        servers=stack.servers is not None, full=isinstance(stack, Embedded) and stack.small,
        skewed=["router-2"] if FAKETIME.exists() and "router-2" in stack.children else [],
    )  # fmt: skip


def _load(scene: Scene, options: Options, keys: Keys, history: History) -> Load:
    districts = [district.code for district in City.load(CITY).districts]
    url = f"http://{HERE}:{scene.ways['clients'].port}"
    return Load(url, keys, districts, history, options.rate, random.Random(options.seed))
