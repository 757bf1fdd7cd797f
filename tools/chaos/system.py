"""The system of a campaign with all that is around it: partners outside, and a proxy on every way."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from services.commands.bench_installation import free_port
from services.commands.installation import NotPossible
from services.commands.people import with_store
from services.kernel.settings import Settings
from services.kernel.surroundings import real
from services.kernel.tokens import create_token
from services.simulators.run import simulation
from tools.chaos.embedded import embedded
from tools.chaos.faults import KINDS
from tools.chaos.history import PARTNERS, History
from tools.chaos.network import HERE, way_to
from tools.chaos.scaled import scaled
from tools.chaos.scene import Scene
from tools.chaos.stack import Keys, Stack, until_ready

STACKS: Final = {"embedded": embedded, "scaled": scaled}


@asynccontextmanager
async def running(name: str, seed: int, folder: Path, history: History) -> AsyncIterator[tuple[Scene, Keys]]:
    """Started and ready until the block ends. NotPossible."""
    async with AsyncExitStack() as ending:
        port, front = free_port(), free_port()
        ways = {
            "partners": await ending.enter_async_context(way_to(port)),
            "callbacks": await ending.enter_async_context(way_to(front)),
            "clients": await ending.enter_async_context(way_to(front)),
        }
        partners = f"http://{HERE}:{ways['partners'].port}"
        built = await ending.enter_async_context(STACKS[name](folder, front, partners))
        keys = await _tokens(built.settings, next(iter(built.secrets)))
        simulated = await ending.enter_async_context(
            simulation(
                built.secrets, f"http://{HERE}:{ways['callbacks'].port}", port=port, seed=seed,
                state=folder / f"{PARTNERS}.jsonl",
            )
        )  # fmt: skip
        await ending.enter_async_context(built.stack.running())
        await _all_ready(built.stack)
        yield (
            Scene(built.stack, simulated.behaviour, {**ways, **built.ways}, history, folder / "bug", KINDS),
            keys,
        )


async def _all_ready(stack: Stack) -> None:
    for child in stack.children.values():
        if not await until_ready(child):
            said = child.log.read_text("utf-8", "replace")[-2000:]
            raise NotPossible(f"{child.name} 没有启动。/ {child.name} did not start.\n{said}")


async def _tokens(settings: Settings, unit: str) -> Keys:
    async def make(name: str, role: str, units: Sequence[str] = ()) -> str:
        return await with_store(settings, lambda store: create_token(store, name, role, real().now(), units))

    return Keys(
        client=await make("chaos", "machine"), stranger=await make("stranger", "machine"),
        operator=await make("operator", "operator"), officer=await make("officer", "officer", [unit]),
        officers_unit=unit,
    )  # fmt: skip
