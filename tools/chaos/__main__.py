"""python -m tools.chaos --stack embedded --seconds 60 --seed 1"""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from services.commands.installation import NotPossible
from tools.chaos.campaign import Options, campaign
from tools.chaos.checks import check
from tools.chaos.evidence import Evidence
from tools.chaos.table import show
from tools.real.kafka_jars import NoKafka
from tools.real.postgres import NoPostgres


def main(
    stack: Annotated[Literal["embedded", "scaled"], typer.Option(help="What is broken.")] = "embedded",
    seconds: Annotated[float, typer.Option(min=5, help="How long faults are made.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Decides the plan of faults.")] = 1,
    rate: Annotated[float, typer.Option(min=0.5, help="Cases per second.")] = 6.0,
    kills: Annotated[int, typer.Option(help="Go on until there were so many; fewer are a failure.")] = 0,
    quiet: Annotated[bool, typer.Option(help="Afterwards compare with one dead partner (I10, I19).")] = True,
    slack: Annotated[float, typer.Option(min=1, help="Times as long as limits say (a busy machine).")] = 1.0,
    folder: Annotated[Path | None, typer.Option(help="Where the histories go.")] = None,
    recheck: Annotated[bool, typer.Option(help="Only check the histories that are there.")] = False,
) -> None:
    """Break a whole system by a seeded plan, and check from outside that nothing was lost or doubled."""
    where = (folder or Path("data-chaos") / f"{stack}-{seed}").resolve()
    if not recheck:
        options = Options(stack, seed, seconds, rate, where, kills, quiet, slack)
        try:
            asyncio.run(_until_stopped(options))
        except asyncio.CancelledError:
            raise typer.Exit(130) from None
    evidence = Evidence.read(where)
    findings = check(evidence)
    raise typer.Exit(0 if show(Console(), evidence, findings, kills) else 1)


async def _until_stopped(options: Options) -> None:
    """SIGTERM and Ctrl-C leave every block, so no process and no folder stays mounted."""
    if (task := asyncio.current_task()) is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await campaign(options)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    try:
        app()
    except (NotPossible, NoKafka, NoPostgres) as reason:
        print(reason, file=sys.stderr)
        sys.exit(2)
