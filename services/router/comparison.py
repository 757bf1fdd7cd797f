"""What differs between two editions, line by line, as on a page of corrections."""

from collections.abc import Iterator
from difflib import unified_diff
from typing import Literal, NamedTuple

from services.domain import rule_entries, units
from services.domain.rule_book import Texts

Sign = Literal["same", "gone", "new", "place"]


class Line(NamedTuple):
    """`place`: where the next lines stand, "@@ -12,4 +12,5 @@"."""

    sign: Sign
    text: str


class FileDifference(NamedTuple):
    file: str
    lines: list[Line]


def compare(old: Texts, new: Texts) -> list[FileDifference]:
    """The files that differ, with three lines around each difference."""
    pairs = ((rule_entries.FILE, old.rules, new.rules), (units.FILE, old.units, new.units))
    found = [FileDifference(file, list(_lines(before, after))) for file, before, after in pairs]
    return [one for one in found if one.lines]


def _lines(before: str, after: str) -> Iterator[Line]:
    signs: dict[str, Sign] = {"+": "new", "-": "gone", "@": "place"}
    for number, line in enumerate(unified_diff(before.splitlines(), after.splitlines(), lineterm="")):
        if number < 2:  # the names of the files
            continue
        sign = signs.get(line[:1], "same")
        yield Line(sign, line if sign == "place" else line[1:])
