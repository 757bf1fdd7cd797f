"""The simulators as a process of their own.

    python -m services.simulators --yikou http://127.0.0.1:8080 --keyring data/keyring.json

Prints its URL once it listens; SIGTERM and Ctrl-C end it. With --state its ledger survives.
"""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.domain import keyring_file
from services.simulators.behaviour import PACES
from services.simulators.run import simulation


def main(
    keyring: Annotated[Path, typer.Option(help="Key ring whose partners are played.")],
    yikou: Annotated[str, typer.Option(help="Base URL for call-backs.")] = "http://127.0.0.1:8080",
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="Decides every course.")] = 0,
    pace: Annotated[Literal["fast", "demo"], typer.Option(help="Milliseconds or seconds.")] = "fast",
    state: Annotated[Path | None, typer.Option(help="File of the independent ledger (JSON lines).")] = None,
) -> None:
    """Simulated brigades, employment centres, 122 desk, SMS gateway and subscriber on one port."""
    secrets = keyring_file.read(keyring).partners

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with simulation(secrets, yikou, port=port, seed=seed, pace=PACES[pace], state=state) as running:
            typer.echo(running.url)
            await stop.wait()

    asyncio.run(run())


if __name__ == "__main__":
    typer.run(main)
