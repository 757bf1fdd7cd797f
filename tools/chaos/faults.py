"""How each kind of fault is made, and undone again."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.commands.builders import BUILDERS
from services.simulators.behaviour import Fault as Trouble
from tools.chaos.embedded import Embedded
from tools.chaos.history import FAULTS
from tools.chaos.plan import Fault
from tools.chaos.scene import Break, Scene
from tools.chaos.stack import kill, until_ready

FAKETIME: Final = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


async def _kill(scene: Scene, fault: Fault) -> None:
    child = scene.stack.children[fault.target]
    began = time.monotonic()
    kill(child)
    if fault.mode != "ready":
        return
    there = await until_ready(child, unless=lambda: fault.target in scene.frozen)
    if there or fault.target not in scene.frozen:  # else another track stopped it, for longer than we wait
        after = round(time.monotonic() - began, 3)
        scene.history.note(FAULTS, "ready", target=fault.target, after=after, there=int(there))


async def _freeze(scene: Scene, fault: Fault) -> None:
    child = scene.stack.children[fault.target]
    child.signal(signal.SIGSTOP)
    scene.frozen.add(fault.target)
    try:
        await asyncio.sleep(fault.lasts)
    finally:
        scene.frozen.discard(fault.target)
        child.signal(signal.SIGCONT)


async def _partner(scene: Scene, fault: Fault) -> None:
    """Only as long as it lasts; `slow` is slower than anybody waits for an answer."""
    trouble = Trouble.model_validate({"mode": fault.mode, "seconds": 22 if fault.mode == "slow" else 1})
    scene.behaviour.set(fault.target, trouble)
    try:
        await asyncio.sleep(fault.lasts)
    finally:
        scene.behaviour.set(fault.target, Trouble())


async def _network(scene: Scene, fault: Fault) -> None:
    way = scene.ways[fault.target]
    way.break_(fault.mode)
    try:
        await asyncio.sleep(fault.lasts)
    finally:
        way.mend()


async def _poison(scene: Scene, fault: Fault) -> None:
    await scene.stack.poison(fault.target, scene.done["poison"])


async def _bug(scene: Scene, fault: Fault) -> None:
    scene.bug.touch()
    try:
        await asyncio.sleep(fault.lasts)
    finally:
        scene.bug.unlink(missing_ok=True)


async def _disk(scene: Scene, fault: Fault) -> None:
    """Filled again and again: what is deleted meanwhile makes room."""
    if not isinstance(scene.stack, Embedded):
        raise TypeError("only the embedded stack has a disk of its own")
    until = time.monotonic() + fault.lasts
    try:
        while time.monotonic() < until:
            await asyncio.to_thread(scene.stack.fill)
            await asyncio.sleep(0.5)
            if time.monotonic() < until:
                scene.stack.empty()
    finally:
        scene.stack.empty()


async def _clock(scene: Scene, fault: Fault) -> None:
    child = scene.stack.children[fault.target]
    right = dict(child.environment or {})
    child.environment = right | {"LD_PRELOAD": str(FAKETIME), "FAKETIME": fault.mode}
    kill(child)
    try:
        await asyncio.sleep(fault.lasts)
    finally:
        child.environment = right
        kill(child)


async def _database_kill(scene: Scene, fault: Fault) -> None:
    await scene.servers.database_kill(fault.lasts)
    await _flows(scene, "database")


async def _sessions(scene: Scene, _fault: Fault) -> None:
    scene.history.note(FAULTS, "sessions_ended", number=await scene.servers.sessions())


async def _broker_kill(scene: Scene, fault: Fault) -> None:
    await scene.servers.broker_kill(fault.lasts)
    await _flows(scene, "broker")


async def _broker_lost(scene: Scene, fault: Fault) -> None:
    scene.history.note(FAULTS, "republished", number=await scene.servers.broker_lost(fault.lasts))
    await _flows(scene, "broker")


async def _flows(scene: Scene, what: str) -> None:
    """Measure how long it takes after a server's start until something new is in the log."""
    began, before = time.monotonic(), None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(60):
            while (now := await _published(scene)) is None or before is None or now <= before:
                before = now if before is None else before
                await asyncio.sleep(0.1)
    scene.history.note(FAULTS, "flows", target=what, after=round(time.monotonic() - began, 3))


async def _published(scene: Scene) -> int | None:
    """How much all services have sent to the log; None while that cannot be seen."""
    query = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL"
    try:
        return sum([int(str((await scene.stack.select(name, query))[0][0])) for name in BUILDERS])
    except OSError:
        return None


KINDS: Final[Mapping[str, Break]] = {
    "kill": _kill,
    "freeze": _freeze,
    "partner": _partner,
    "network": _network,
    "poison": _poison,
    "bug": _bug,
    "disk": _disk,
    "clock": _clock,
    "database_kill": _database_kill,
    "sessions": _sessions,
    "broker_kill": _broker_kill,
    "broker_lost": _broker_lost,
}
