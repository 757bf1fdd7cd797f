"""The whole suite in three runs side by side: python -m tools.suite.

Half of it is waiting (for a lease, a rebalance, a server that starts), so three runs keep two cores busy.
Whole systems of a dozen processes are started on the same two cores, and a test may run out of time because
of its neighbours: a few that did, and nothing else, run once more with nothing beside them. They must pass
then, and are named. What saw something wrong has failed at once.

With arguments it is pytest with them, in one run.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_FIRST: Final = ("tests/kernel",)
_SECOND: Final = ("tests/flow", "tests/router")  # as long as the first, and as all the others together
RUNS: Final = (_FIRST, _SECOND, ("tests", *(f"--ignore={one}" for one in (*_FIRST, *_SECOND))))
FEW: Final = 3  # tests of a run that ran out of time, up to which they are tried again
FAILED: Final = 1  # pytest's code where it ran to the end and tests failed
_COUNT: Final = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|warnings?)")
_LAST: Final = re.compile(r"^=*\s*\d+ (?:passed|failed|skipped|error).* in [0-9.]+s.*$", re.MULTILINE)
_NAMED: Final = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - (.*))?$", re.MULTILINE)
_LATE: Final = re.compile(r"(?:Failed: |[\w.]*)Timeout")
WIDE: Final = {"COLUMNS": "250"}  # pytest leaves out why a test failed where a line is full


@dataclass
class Run:
    """One pytest. `arguments`: its own; its output and its memory of what failed are in `folder`."""

    arguments: Sequence[str]
    folder: Path

    def begin(self, *more: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "pytest", *self.arguments, "-o", f"cache_dir={self.folder}/cache"]
        with (self.folder / "log").open("wb") as output:
            return subprocess.Popen([*command, *more], stdout=output, stderr=output, env=os.environ | WIDE)

    def said(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")


def main(arguments: list[str]) -> int:
    """0 when everything passed."""
    if arguments:
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode
    with TemporaryDirectory(prefix="suite-") as folder:
        return whole(RUNS, Path(folder))


def whole(parts: Sequence[Sequence[str]], folder: Path) -> int:
    """Run the parts side by side, and what little failed once more; 0 when everything has passed."""
    began, counts, codes = time.monotonic(), Counter[str](), []
    runs = [Run(part, folder / str(number)) for number, part in enumerate(parts)]
    for run in runs:
        run.folder.mkdir()
    for run, process in zip(runs, [run.begin() for run in runs], strict=True):
        codes.append(process.wait())
        print(run.said(), flush=True)
        counts += _counts(run.said())
    for number, run in enumerate(runs):
        failed, late = _failed(run.said())
        if codes[number] == FAILED and late and len(failed) <= FEW:
            codes[number] = run.begin("--last-failed").wait()
            print(run.said(), flush=True)
            if codes[number] == 0:
                counts -= Counter(failed=len(failed), errors=len(failed), error=len(failed))
                counts += Counter({"passed the second time, alone": len(failed)})
                print("\n".join(["Failed beside the other run, and passed alone:", *failed]))
    print(f"{', '.join(f'{n} {what}' for what, n in counts.items())} in {time.monotonic() - began:.1f}s")
    return verdict(codes)


def verdict(codes: Sequence[int]) -> int:
    """0 when every run ended with 0. One that a signal ended has a code below it."""
    return next((abs(code) for code in codes if code), 0)


def _failed(said: str) -> tuple[list[str], bool]:
    """Their names, and whether all of them ran out of time."""
    found = _NAMED.findall(said)
    return [name for name, _ in found], all(_LATE.match(why) for _, why in found)


def _counts(said: str) -> Counter[str]:
    return Counter({what: int(n) for line in _LAST.findall(said)[-1:] for n, what in _COUNT.findall(line)})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
