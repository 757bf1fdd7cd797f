"""The histories of a campaign: JSON lines, one file for each teller, written as things happen."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TextIO

Fact = str | int | float | None
Row = Mapping[str, Fact]
CLIENT, FAULTS, SAMPLES, READS, PHASES, PARTNERS = (
    "client", "faults", "samples", "reads", "phases", "partners",
)  # fmt: skip
DUMP: Final = "dump"


class History:
    """What was seen from outside. `at`: seconds since the epoch by the clock of the one that tells."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._files: dict[str, TextIO] = {}

    def note(self, teller: str, what: str, **facts: Fact) -> None:
        self.write(teller, {"at": round(time.time(), 4), "what": what, **facts})

    def write(self, teller: str, row: Row) -> None:
        if teller not in self._files:
            self._files[teller] = (self.folder / f"{teller}.jsonl").open("a", encoding="utf-8")
        self._files[teller].write(json.dumps(row, ensure_ascii=False) + "\n")
        self._files[teller].flush()

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()


def rows(folder: Path, teller: str) -> Iterator[Row]:
    """What a teller wrote down, in its order; nothing when it never said anything."""
    path = folder / f"{teller}.jsonl"
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row: Row = json.loads(line)
            yield row


def text(row: Row, name: str) -> str:
    return str(row.get(name) or "")


def number(row: Row, name: str) -> int:
    return int(row.get(name) or 0)


def moment(row: Row) -> float:
    return float(row.get("at") or 0.0)
