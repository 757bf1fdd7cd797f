"""Names with one wrong character, one that sounds or looks like the right one: 建业区, 秦准区.

Only names of at least two characters before their kind, and only where no place of that very name exists.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from services.domain.national import National

_KINDS = frozenset("区县市旗镇乡道")


@dataclass(frozen=True)
class Spellings:
    """`patterns`: a name with one character left open, to the names that fit. `longest`: of all names."""

    table: National
    patterns: Mapping[str, tuple[str, ...]]
    longest: int

    @classmethod
    def of(cls, names: Iterable[str], table: National) -> "Spellings":
        patterns: dict[str, tuple[str, ...]] = {}
        longest = 0
        for name in names:
            longest = max(longest, len(name))
            for at in range(len(name) - 1 if len(name) > 2 else 0):
                pattern = _open(name, at)
                patterns[pattern] = (*patterns.get(pattern, ()), name)
        return cls(table, patterns, longest)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where the text has a name with one wrong character: start, end and the right name."""
        for last, sign in enumerate(text):
            if sign in _KINDS:
                for start in range(max(0, last + 1 - self.longest), last - 1):
                    written = text[start : last + 1]
                    yield from ((start, last + 1, name) for name in self._meant(written))

    def _meant(self, written: str) -> Iterator[str]:
        if written in self.table.by_name or written in self.table.street_names:
            return
        for at in range(len(written) - 1):
            for name in self.patterns.get(_open(written, at), ()):
                if name != written and self.table.alike(written[at], name[at]):
                    yield name


def _open(name: str, at: int) -> str:
    return f"{name[:at]}?{name[at + 1 :]}"
