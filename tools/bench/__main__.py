"""Measure the scaled-out system on this machine: python -m tools.bench [--cases N] [--seconds S].

Everything shares the machine: Kafka, PostgreSQL, the services, the simulated partners and the load. Compare
inside one run. TMPDIR decides on which disk: durable writes wait for it.
"""

import argparse
import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from services.commands.bench import end_on_signals
from services.commands.bench_line import lines
from services.commands.bench_load import flood
from services.commands.bench_table import resident
from services.commands.installation import NotPossible
from services.commands.serve import uvicorn_loop
from tools.bench.chain import chain
from tools.bench.figures import Figures, table
from tools.bench.stack import CONNECTIONS, Stack, alone, running
from tools.real.kafka_jars import NoKafka
from tools.real.postgres import NoPostgres

RATES: Final = (50.0, 200.0)  # cases per second of the steady parts
WARM: Final = 200  # cases before the first figure
ROUNDS: Final = 4  # of intake and of the endpoint that only validates, in turn
LACKING: Final = 3  # the exit code when this machine has no Kafka or no PostgreSQL
SETTLE: Final = 1.0  # seconds between two parts, for what the last one left to do
RECORDS: Final = 10  # through Kafka alone, for each case


async def measure(folder: Path, cases: int, seconds: float) -> Figures:
    async with running(folder) as stack:
        await stack.go(min(WARM, cases))
        await asyncio.sleep(SETTLE)
        before = stack.processor()
        loop = await stack.go(cases)
        after = stack.processor()
        steady = {}
        for rate in RATES:
            await asyncio.sleep(SETTLE)
            steady[rate] = await stack.go(round(rate * seconds), rate)
        memory = {n.name: resident(n.process.pid) or 0 for n in stack.nodes.values() if n.process}
        for node in stack.nodes.values():
            node.stop()
        alone, intake, noop = await _intake(stack, seconds / 10)
        passed = await chain(f"kafka://{stack.kafka.bootstrap}/chain", RECORDS * cases)
    cpu = {part: after[part] - before[part] for part in before}
    return Figures((alone, stack.ready), loop, cpu, steady, memory, intake, noop, passed)


async def _intake(stack: Stack, seconds: float) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
    """Seconds that intake takes to start; answers per second of it and of the endpoint that only validates,
    round for round in turn.
    """
    nodes = (
        alone(stack, ("services", "serve", "intake"), "intake-alone"),
        alone(stack, ("services.commands.bench_noop",), "noop"),
    )
    rates: tuple[list[float], list[float]] = ([], [])
    started = []
    with ExitStack() as processes:
        for node in nodes:
            processes.enter_context(node.running())
            started.append(await node.ready())
            async with lines(node.url, stack.key, CONNECTIONS) as opened:
                await flood(opened, stack.source, SETTLE)
        for _ in range(ROUNDS):
            for node, found in zip(nodes, rates, strict=True):
                await asyncio.sleep(SETTLE)
                async with lines(node.url, stack.key, CONNECTIONS) as opened:
                    found.append(await flood(opened, stack.source, seconds))
    return started[0], tuple(rates[0]), tuple(rates[1])


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    arguments.add_argument("--cases", type=int, default=2000, help="cases of the whole loop")
    arguments.add_argument("--seconds", type=float, default=20.0, help="seconds at each steady rate")
    given = arguments.parse_args()

    async def bench() -> Figures:
        end_on_signals(asyncio.current_task())
        with tempfile.TemporaryDirectory(prefix="yikou-bench-") as name:
            return await measure(Path(name), given.cases, given.seconds)

    try:
        Console().print(table(uvicorn_loop(bench())))
    except asyncio.CancelledError:
        sys.exit(130)
    except NotPossible as error:
        sys.exit(str(error))
    except (NoKafka, NoPostgres) as lacking:
        print(lacking, file=sys.stderr)
        sys.exit(LACKING)


main()
