"""The whole suite in two runs side by side: python -m tools.suite.

Much of it is waiting (for a lease, a rebalance, a server that starts), so two runs on two cores take little
more than the longer of them. With arguments it is pytest with them, in one run.
"""

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

RUNS: Final = (("tests/kernel",), ("tests", "--ignore=tests/kernel"))
_COUNT: Final = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|warnings?)")
_LAST: Final = re.compile(r"^=*\s*\d+ (?:passed|failed|skipped|error).* in [0-9.]+s.*$", re.MULTILINE)


def main(arguments: list[str]) -> int:
    """0 when everything passed."""
    if arguments:
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode
    began, codes, said = time.monotonic(), [], []
    with TemporaryDirectory(prefix="suite-") as folder:
        logs = [Path(folder, str(number)) for number in range(len(RUNS))]
        runs = [_begun(run, log) for run, log in zip(RUNS, logs, strict=True)]
        for run, log in zip(runs, logs, strict=True):
            codes.append(run.wait())
            said.append(log.read_text("utf-8", "replace"))
            print(said[-1], flush=True)
    print(f"{_sums(said)} in {time.monotonic() - began:.1f}s")
    return verdict(codes)


def verdict(codes: Sequence[int]) -> int:
    """0 when every run ended with 0. One that a signal ended has a code below it."""
    return next((abs(code) for code in codes if code), 0)


def _begun(run: tuple[str, ...], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen([sys.executable, "-m", "pytest", *run], stdout=output, stderr=output)


def _sums(said: list[str]) -> str:
    counts: dict[str, int] = {}
    for text in said:
        for line in _LAST.findall(text)[-1:]:
            for number, what in _COUNT.findall(line):
                counts[what] = counts.get(what, 0) + int(number)
    return ", ".join(f"{number} {what}" for what, number in counts.items()) or "nothing ran"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
