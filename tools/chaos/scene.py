"""What a campaign breaks, and what keeps it running: tracks of faults, and everything mended at their end."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.simulators.behaviour import Behaviour
from services.simulators.behaviour import Fault as Trouble
from tools.chaos.embedded import Embedded
from tools.chaos.history import FAULTS, Fact, History
from tools.chaos.network import Way
from tools.chaos.plan import PATIENCE, Fault, Plan
from tools.chaos.stack import Servers, Stack

Break = Callable[["Scene", Fault], Awaitable[None]]


@dataclass
class Scene:
    """What faults work on.

    `kinds`: how each kind of fault is made. `bug`: the file whose presence is a bug in the handlers.
    `frozen`: processes that stand still just now. `last`: when everything was mended. `slack`: see `Options`.
    """

    stack: Stack
    behaviour: Behaviour
    ways: Mapping[str, Way]
    history: History
    bug: Path
    kinds: Mapping[str, Break]
    done: dict[str, int] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)
    last: float = 0.0
    slack: float = 1.0

    @property
    def servers(self) -> Servers:
        if self.stack.servers is None:
            raise RuntimeError(f"{self.stack.name} has no servers")
        return self.stack.servers

    async def run(self, plan: Plan) -> None:
        """All tracks beside each other, as long as the plan says, and on until there were enough kills."""
        tracks = [asyncio.create_task(self._track(name, track)) for name, track in plan.tracks.items()]
        try:
            began = time.monotonic()
            while self._goes_on(plan, time.monotonic() - began) and not all(one.done() for one in tracks):
                await asyncio.wait(tracks, timeout=0.2, return_when=asyncio.FIRST_EXCEPTION)
                for track in tracks:
                    if track.done():
                        track.result()  # a fault that could not be made ends the campaign at once
        finally:
            for track in tracks:
                track.cancel()
            await asyncio.gather(*tracks, return_exceptions=True)
            self.mend()

    def _goes_on(self, plan: Plan, passed: float) -> bool:
        enough = self.done.get("kill", 0) >= plan.kills
        return passed < (plan.seconds if enough else plan.seconds * PATIENCE * self.slack)

    def mend(self) -> None:
        """Nothing is broken any more; what ended is started again by its keeper."""
        self.behaviour.set("*", Trouble())
        for way in self.ways.values():
            way.mend()
        for child in self.stack.children.values():
            child.signal(signal.SIGCONT)
        self.bug.unlink(missing_ok=True)
        if isinstance(self.stack, Embedded):
            self.stack.empty()
        self.history.note(FAULTS, "mended")
        self.last = time.time()

    async def keep(self) -> None:
        """Start again what ended without us, as whatever runs the processes would."""
        while True:
            for child in self.stack.children.values():
                if child.ended:
                    code = child.process.returncode if child.process else None
                    self.history.note(FAULTS, "ended", target=child.name, code=code)
                    child.start()
            await asyncio.sleep(0.2)

    async def _track(self, name: str, track: tuple[Fault, ...]) -> None:
        for fault in track:
            await asyncio.sleep(fault.after)
            about: dict[str, Fact] = {
                "track": name,
                "target": fault.target,
                "mode": fault.mode,
                "lasts": fault.lasts,
            }
            self.history.note(FAULTS, fault.kind, **about)
            self.done[fault.kind] = self.done.get(fault.kind, 0) + 1
            began = time.monotonic()
            await self.kinds[fault.kind](self, fault)
            took = round(time.monotonic() - began, 3)
            self.history.note(FAULTS, "undone", kind=fault.kind, target=fault.target, took=took)
