"""What the simulated partners saw, written down by themselves: the count that tests compare with.

With a file every note is a JSON line with its instant, written before the answer leaves; counts survive a
kill. Names of persons, phone numbers and texts are never noted.
"""

import json
import os
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Fact = str | int | float | None


@dataclass(frozen=True, slots=True)
class Note:
    """`who` (a unit's id, "sms", "subscriber") noted `what` ("request", "task", "refused", ...)."""

    who: str
    what: str
    facts: dict[str, Fact] = field(default_factory=dict)


def _is_cut(path: Path) -> bool:
    """Whether a kill cut the last line: the next note must not continue it."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


class Ledger:
    """Exact counts of everything; the newest `keep` notes in memory; all notes in `path`, if there is one."""

    def __init__(self, path: Path | None = None, keep: int = 20_000) -> None:
        self._path = path
        self._counts: Counter[tuple[str, str]] = Counter()
        self.notes: deque[Note] = deque(maxlen=keep)
        self._file = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")
            if _is_cut(path):
                self._file.write("\n")

    def note(self, who: str, what: str, **facts: Fact) -> None:
        self._count(Note(who, what, facts))
        if self._file is not None:
            line = {"at": round(time.time(), 4), "who": who, "what": what, **facts}
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()

    def replay(self) -> Iterator[Note]:
        """The notes of earlier runs, oldest first, counted as they pass. Once, before the first note."""
        if self._path is None:
            return
        with self._path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    facts = json.loads(line)
                    facts.pop("at", None)
                    note = Note(facts.pop("who"), facts.pop("what"), facts)
                except (ValueError, KeyError, AttributeError):
                    continue  # the line that a kill cut
                self._count(note)
                yield note

    def count(self, who: str, what: str) -> int:
        return self._counts[who, what]

    def counts(self) -> dict[str, dict[str, int]]:
        """{who: {what: how often}}."""
        table: dict[str, dict[str, int]] = {}
        for (who, what), number in sorted(self._counts.items()):
            table.setdefault(who, {})[what] = number
        return table

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _count(self, note: Note) -> None:
        self._counts[note.who, note.what] += 1
        self.notes.append(note)
