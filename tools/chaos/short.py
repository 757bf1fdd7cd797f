"""A short campaign on each stack, side by side, for the gate: python -m tools.chaos.short [--seed 3].

Much of a campaign is waiting, so two on two cores take little more than the longer of them. What must hold
holds here too; but limits of time are SLACK times as long, as the machine of a gate has other things to do.
The histories are kept where something does not hold.
"""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

SLACK: Final = "4"
CAMPAIGNS: Final[Sequence[tuple[str, ...]]] = (
    ("--stack", "embedded", "--seconds", "45", "--kills", "100"),
    ("--stack", "scaled", "--seconds", "40", "--kills", "30"),
)


def main(arguments: Sequence[str]) -> int:
    """0 when every predicate holds on both."""
    began, folder = time.monotonic(), Path(mkdtemp(prefix="yikou-chaos-"))
    folder.chmod(0o755)  # the database's own user passes through it
    runs = [_begun(campaign, folder, arguments) for campaign in CAMPAIGNS]
    codes = []
    try:
        for run, campaign in zip(runs, CAMPAIGNS, strict=True):
            codes.append(run.wait())
            print(_log(folder, campaign).read_text("utf-8", "replace"), flush=True)
    finally:
        for run in runs:
            run.terminate()  # it ends everything that it started
            run.wait()
    bad = next((abs(code) for code in codes if code), 0)
    print(f"both in {time.monotonic() - began:.0f} s" + (f"; the histories are in {folder}" if bad else ""))
    if not bad:
        shutil.rmtree(folder)
    return bad


def _begun(campaign: tuple[str, ...], folder: Path, more: Sequence[str]) -> "subprocess.Popen[bytes]":
    words = (*campaign, "--no-quiet", "--slack", SLACK, *more, "--folder", str(folder / campaign[1]))
    with _log(folder, campaign).open("wb") as output:
        return subprocess.Popen([sys.executable, "-m", "tools.chaos", *words], stdout=output, stderr=output)


def _log(folder: Path, campaign: tuple[str, ...]) -> Path:
    return folder / f"{campaign[1]}.log"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that neither campaign outlives us
    sys.exit(main(sys.argv[1:]))
