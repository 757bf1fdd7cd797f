"""`yikou bench`: what this machine does, measured in one run, all of it in a temporary folder.

Everything shares the machine: the services, the simulated partners and the load. Compare inside one run.
"""

import asyncio
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from services.commands.bench_installation import CITY, Node, connect, free_port, install, token
from services.commands.bench_line import lines
from services.commands.bench_load import cases, flood, pass_through
from services.commands.bench_table import Figures, cpu_seconds, resident, table
from services.commands.feed_lines import Case
from services.commands.feed_tally import Report
from services.commands.serve import uvicorn_loop
from services.domain.city import City

CONNECTIONS: Final = 16
RATE: Final = 20.0  # cases per second of the steady part
ROUNDS: Final = 4  # of each side, in turn: the neighbours' noise falls on both
WARM: Final = 40  # cases before the first figure: connections to every partner are open
SETTLE: Final = 0.5  # seconds between rounds, for what the last one left to do


Rates = tuple[float, ...]  # answers per second, one for each round


@dataclass(frozen=True)
class Whole:
    """What was measured with all services in one process."""

    ready: float
    loop: Report
    cpu: float | None
    steady: Report
    memory: int | None


def command(
    number: Annotated[int, typer.Option("--cases", min=1, help="Cases of the whole loop.")] = 1000,
    seconds: Annotated[
        float, typer.Option(min=1, help="Seconds at a steady 20/s; a round of intake takes a tenth of it.")
    ] = 15.0,
) -> None:
    """Measure this machine and print a table. TMPDIR decides on which disk: durable writes wait for it."""
    console = Console()

    async def measure() -> None:
        end_on_signals(asyncio.current_task())
        with tempfile.TemporaryDirectory(prefix="yikou-bench-") as name, console.status("") as status:
            folder = Path(name)
            status.update("whole loop")
            whole = await _whole(_made(folder / "whole"), number, seconds)
            status.update("intake alone")
            rates = await _intake(_made(folder / "intake"), seconds / 10)
        found = Figures(
            whole.ready, *rates, whole.loop, whole.cpu, whole.steady, RATE, whole.memory
        )  # fmt: skip
        console.print(table(found))

    try:
        uvicorn_loop(measure())
    except asyncio.CancelledError:
        raise typer.Exit(130) from None


def end_on_signals(task: "asyncio.Task[None] | None") -> None:
    """SIGTERM and Ctrl-C leave every block, so no process and no folder stays behind."""
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _source() -> Iterator[Case]:
    return cases([district.code for district in City.load(CITY).districts])


async def _whole(folder: Path, number: int, seconds: float) -> Whole:
    """All services in one process, partners in another."""
    units, node, port = list(install(folder)), Node(folder), free_port()
    partners = Node(
        folder, port=port, name="simulators", readiness="/_counts",
        arguments=("services.simulators", "--keyring", str(folder / "keyring.json"), "--yikou", node.url,
                   "--port", str(port)),
    )  # fmt: skip
    connect(folder, partners.url, units)
    node.simulators = partners.url
    key, source = await token(folder, "machine", "bench"), _source()
    with ExitStack() as processes:
        processes.enter_context(partners.running())
        await partners.ready()
        processes.enter_context(node.running())
        ready = await node.ready()
        process = node.process.pid if node.process is not None else 0
        await _pass(node.url, key, islice(source, WARM))
        before = cpu_seconds(process)
        loop = await _pass(node.url, key, islice(source, number))
        after = cpu_seconds(process)
        steady = await _pass(node.url, key, islice(source, max(1, round(RATE * seconds))), RATE)
        memory = resident(process)
    cpu = None if before is None or after is None else after - before
    return Whole(ready, loop, cpu, steady, memory)


async def _pass(url: str, key: str, source: Iterator[Case], rate: float = 0.0) -> Report:
    """Over fresh connections: the server closes those that were idle while the last cases were awaited."""
    async with lines(url, key, CONNECTIONS) as opened:
        return (await pass_through(opened, source, rate)).report()


async def _intake(folder: Path, seconds: float) -> tuple[Rates, Rates, Rates]:
    """Answers per second of intake and of the endpoints that only validate, round for round in turn."""
    install(folder, connected=False)
    nodes = (
        Node(folder, arguments=("services", "serve", "intake"), name="intake"),
        Node(folder, arguments=("services.commands.bench_noop",), name="noop"),
        Node(folder, arguments=("services.commands.bench_plain",), name="plain"),
    )
    key, source = await token(folder, "machine", "bench"), _source()
    rates: tuple[list[float], list[float], list[float]] = ([], [], [])
    with ExitStack() as processes:
        for node in nodes:
            processes.enter_context(node.running())
        for node in nodes:
            await node.ready()
            async with lines(node.url, key, CONNECTIONS) as opened:
                await flood(opened, source, SETTLE)
        for _ in range(ROUNDS):
            for node, found in zip(nodes, rates, strict=True):
                await asyncio.sleep(SETTLE)
                async with lines(node.url, key, CONNECTIONS) as opened:
                    found.append(await flood(opened, source, seconds))
    intake, noop, plain = rates
    return tuple(intake), tuple(noop), tuple(plain)
