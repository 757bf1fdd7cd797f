"""Where the entries of a file stand: a file of units or rules is a head and then blocks, one an entry.

A mistake is told with its line; and where the file as a whole is no TOML, each block is read by itself, so
that one missing quotation mark does not hide what is wrong further down.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from services.domain.entry import Problem

_ID: Final = re.compile(r'^\s*id\s*=\s*"([^"\n]*)"', re.MULTILINE)
_AT: Final = re.compile(r"at line (\d+)")
_ENTRY: Final = re.compile(r"\w+ (\d+)(?: \([^)]*\))?(?: (\w+))?")


@dataclass(frozen=True, slots=True)
class Block:
    """An entry as it is written. `line`: of its first line, counted from 1."""

    line: int
    text: str

    @property
    def id(self) -> str | None:
        found = _ID.search(self.text)
        return found[1] if found else None

    def line_of(self, key: str | None) -> int:
        """The line of a key of this entry; its first line where that cannot be told."""
        wanted = re.compile(rf"^\s*{re.escape(key)}\s*[=.]") if key else None
        lines = enumerate(self.text.splitlines(), self.line)
        return next((number for number, text in lines if wanted and wanted.match(text)), self.line)

    def line_of_table(self, name: str) -> int:
        """The line where another table begins inside the entry: a header that is spelt wrongly."""
        wanted = re.compile(rf"^\s*\[+{re.escape(name)}\b")
        lines = enumerate(self.text.splitlines(), self.line)
        return next((number for number, text in lines if wanted.match(text)), self.line)


def blocks(text: str, entry: str) -> list[Block]:
    """The file in pieces: what is before the first `[[entry]]`, then each entry."""
    lines = text.splitlines()
    header = re.compile(rf"^\s*\[\[\s*{entry}\s*\]\]")
    starts = [n for n, line in enumerate(lines) if header.match(line)]
    return [Block(a + 1, "\n".join(lines[a:b])) for a, b in pairwise([0, *starts, len(lines)])]


def syntax_problems(file: str, text: str, entry: str) -> Iterator[Problem]:
    """What keeps the file from being TOML: the first mistake of each block."""
    found = False
    for block in blocks(text, entry):
        if (problem := _syntax(file, block)) is not None:
            found = True
            yield problem
    whole = _syntax(file, Block(1, text))
    if whole is not None and not found:
        yield whole


def with_lines(problems: Sequence[Problem], file: str, text: str, entry: str) -> list[Problem]:
    """The problems of this file with their lines, as far as their entries can be found in it."""
    _, *entries = blocks(text, entry)
    by_id: dict[str, Block] = {}
    for block in entries:  # of two with one id, the second is the mistake
        by_id[block.id or ""] = block
    return [
        problem._replace(line=_line(problem.entry, entries, by_id))
        if problem.file == file and problem.line is None
        else problem
        for problem in problems
    ]


def _line(entry: str, entries: Sequence[Block], by_id: dict[str, Block]) -> int | None:
    if block := by_id.get(entry):
        return block.line
    found = _ENTRY.match(entry)
    number = int(found[1]) if found else 0
    return entries[number - 1].line_of(found[2]) if found and 0 < number <= len(entries) else None


def _syntax(file: str, block: Block) -> Problem | None:
    try:
        tomllib.loads(block.text)
    except ValueError as error:
        at = _AT.search(str(error))
        line = block.line + int(at[1]) - 1 if at else block.line + block.text.count("\n")
        reason = str(error).split(" (at ")[0]
        return Problem(file, block.id or "—", "不是有效的 TOML", f"is not TOML: {reason}", line)
    return None
