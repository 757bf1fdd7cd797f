"""`yikou chaos`: the campaign of tools/chaos, which starts servers and so belongs to a checkout."""

import subprocess
import sys
from typing import Annotated

import typer

from services.commands.bench_installation import ROOT
from services.commands.installation import NotPossible

STACK = "embedded: one process and SQLite; scaled: Kafka, PostgreSQL and a process for each service."


def command(
    stack: Annotated[str, typer.Option(help=STACK)] = "embedded",
    seconds: Annotated[float, typer.Option(min=5, help="How long faults are made.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Decides the plan: the same seed, the same faults.")] = 1,
    kills: Annotated[
        int, typer.Option(min=0, help="Go on until there were so many; fewer are a failure.")
    ] = 0,
    quiet: Annotated[bool, typer.Option(help="Afterwards compare with one dead partner (I10, I19).")] = True,
    rate: Annotated[float, typer.Option(min=0.5, help="Cases per second meanwhile.")] = 6.0,
    slack: Annotated[float, typer.Option(min=1, help="Times as long as limits say (a busy machine).")] = 1.0,
) -> None:
    """Break a whole system by a seeded plan; check from outside that nothing was lost or doubled.

    Ends with 0 only if every predicate holds. The histories are kept in data-chaos/.
    """
    if stack not in ("embedded", "scaled"):
        raise NotPossible(f"没有这种部署：{stack}。/ There is no stack {stack}: embedded or scaled.")
    if not (ROOT / "tools" / "chaos").is_dir():
        raise NotPossible("混沌演练需要源代码目录。/ yikou chaos runs in a checkout of the source.")
    given = {
        "--stack": stack, "--seconds": seconds, "--seed": seed, "--kills": kills, "--rate": rate,
        "--slack": slack,
    }  # fmt: skip
    words = [str(word) for pair in given.items() for word in pair]
    words.append("--quiet" if quiet else "--no-quiet")
    with subprocess.Popen([sys.executable, "-m", "tools.chaos", *words], cwd=ROOT) as running:  # noqa: S603
        while True:
            try:
                raise typer.Exit(running.wait())
            except KeyboardInterrupt:
                continue  # it heard Ctrl-C too, and ends everything that it started
