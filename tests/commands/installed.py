"""An installation in a folder whose command line is run as people run it: words and exit code."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from services.commands.bench_installation import install
from tests.flow.node import Node


@dataclass
class Installed:
    """`settings`: YIKOU_* variables besides those of the folder."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def start(self, *command: str, **settings: str) -> "subprocess.Popen[str]":
        environment = Node(self.folder).environment() | {
            f"YIKOU_{name.upper()}": value for name, value in (self.settings | settings).items()
        }
        return subprocess.Popen(
            [sys.executable, "-m", "services", *command], cwd=self.folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *command: str, **settings: str) -> str:
        """What it printed; it must end well."""
        said, complained = self.start(*command, **settings).communicate(timeout=180)
        assert not complained, complained
        return said


def refusal(process: "subprocess.Popen[str]") -> str:
    """The one line with which it ended, with exit code 2 and no trace; what it logged before is no part."""
    said, complained = process.communicate(timeout=180)
    assert process.returncode == 2, said + complained
    assert said == ""
    assert "Traceback" not in complained
    lines = [line for line in complained.splitlines() if not line.startswith("{")]
    assert len(lines) == 1, complained
    return lines[0]


def installed(folder: Path, **settings: str) -> Installed:
    install(folder)
    return Installed(folder, settings)
