"""One process of the stack: its output goes to a file, and it ends with us."""

import asyncio
import contextlib
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from services.commands.installation import NotPossible
from tools.real.parent import ends_with_parent

START, END = 120.0, 20.0  # seconds it may take
TAIL: Final = 2000  # characters of its output that are shown when it did not start


@dataclass
class Child:
    """`probe`: the address that answers 200 once it can work."""

    name: str
    command: Sequence[str]
    folder: Path
    probe: str
    environment: Mapping[str, str] | None = None
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def start(self) -> None:
        """In the main thread, outside our process group: Ctrl-C is for us, we stop it in its turn."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=output, stderr=output,
                stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=ends_with_parent(signal.SIGTERM),
            )  # fmt: skip

    async def ready(self) -> None:
        """Until it can work. NotPossible, with what it said last: it ended, or it takes too long."""
        until = time.monotonic() + START
        async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
            while time.monotonic() < until and not self.ended:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(self.probe)).status_code == 200:
                        return
                await asyncio.sleep(0.05)
        said = self.log.read_text("utf-8", "replace")[-TAIL:]
        raise NotPossible(f"{self.name} 没有启动，见 {self.log}。/ {self.name} did not start.\n{said}")

    def signal(self, what: signal.Signals) -> None:
        if self.process is not None and not self.ended:
            self.process.send_signal(what)

    def kill(self) -> None:
        """As a power cut would: SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


async def stop(children: Sequence[Child]) -> None:
    """Ask all to end and wait; those that do not, or all when we are asked once more, are killed."""
    for child in children:
        child.signal(signal.SIGTERM)
    try:
        for child in children:
            for _ in range(int(END / 0.02)):
                if child.ended:
                    break
                await asyncio.sleep(0.02)
    finally:
        for child in children:
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
