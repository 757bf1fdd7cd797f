"""What a campaign runs and breaks: a system as real processes, and how its stores and log are looked into."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import httpx

from services.kernel.settings import Settings
from tools.chaos.history import Row
from tools.chaos.network import Way
from tools.scaled.child import Child

SERVE: Final = "tools.chaos.serve"  # `yikou serve`, with a bug that is switched by a file
READY: Final = 60.0  # seconds that a process may take under load


@dataclass(frozen=True, slots=True)
class Keys:
    """Tokens. `client` writes cases, `stranger` may see none of them, `officer` those of one unit."""

    client: str
    stranger: str
    operator: str
    officer: str
    officers_unit: str


class Servers(Protocol):
    """The PostgreSQL and the Kafka of a stack."""

    async def database_kill(self, lasts: float) -> None: ...

    async def sessions(self) -> int:
        """End every session at the database; how many there were."""

    async def broker_kill(self, lasts: float) -> None: ...

    async def broker_lost(self, lasts: float) -> int:
        """The broker comes back empty; what is to be sent again is ordered. How many rows that are."""


class Stack(Protocol):
    """`front`: the port of 127.0.0.1 where clients and partners find the system. `data`: its folder."""

    name: str
    data: Path
    front: int
    children: Mapping[str, Child]
    servers: Servers | None

    def running(self) -> AbstractAsyncContextManager[None]:
        """Every process is started when the block begins, and ended with it."""

    async def select(self, service: str, query: str) -> Sequence[Sequence[object]]:
        """Rows of a service's database, as a connection of its own sees them."""

    async def records(self) -> list[Row]:
        """Everything in the log: place (partition, offset), envelope, and a hash of the body."""

    async def offsets(self) -> dict[str, int]:
        """How far each group has come in each partition, by "group partition"."""

    async def poison(self, mode: str, chance: int) -> None:
        """Write into the log what no service of ours would: "bytes" or "schema"."""


@dataclass(frozen=True)
class Built:
    """A stack that is not started yet. `secrets`: of each unit; `ways`: between its own parts."""

    stack: Stack
    settings: Settings
    secrets: Mapping[str, Sequence[str]]
    ways: Mapping[str, Way] = field(default_factory=dict)


def kill(child: Child) -> None:
    """SIGKILL, and start it again."""
    child.signal(signal.SIGCONT)
    child.signal(signal.SIGKILL)
    if child.process is not None:
        child.process.wait()
    child.start()


async def until_ready(
    child: Child, seconds: float = READY, unless: Callable[[], bool] = lambda: False
) -> bool:
    """Whether it can work within so many seconds; whoever keeps it running starts it when it ends.

    `unless`: what ends the waiting.
    """
    until = asyncio.get_running_loop().time() + seconds
    async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
        while asyncio.get_running_loop().time() < until and not unless():
            with contextlib.suppress(httpx.TransportError):
                if (await http.get(child.probe)).status_code == 200:
                    return True
            await asyncio.sleep(0.05)
    return False
