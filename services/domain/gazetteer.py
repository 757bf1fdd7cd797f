"""The names that can decide where an address is: those of the home city, and those of everywhere else.

A name is looked for in full, the longest first; one that begins a road's name does not count (江宁路 is in
Shanghai). Short names (江宁, 秣陵) count only where the words before them leave no doubt; see context.py.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from services.domain import meanings
from services.domain.home import Home
from services.domain.meanings import Meaning, Role
from services.domain.misspelt import Spellings
from services.domain.national import National

_AFTER_OFFICIAL = re.compile(r"路(?!口)|街(?![道口])|巷(?!口)|弄|大道|域|(?<=市)场")
_ROAD = r"[东南西北中内外]{0,2}[一二三四五六七八九十]{0,2}(路|街(?!道)|巷|弄|大街|大道)"
_AFTER_LARGE = re.compile(rf"{_ROAD}|门|河(?![南北])")
_AFTER_SHORT = re.compile(rf"{_ROAD}|[\u4e00-\u9fff]路|[区县市门桥江河湖山海寺站]|大桥")
_KINDS = "省市州盟区县旗"


class Hit(NamedTuple):
    """A name in the text, from `start` to before `end`."""

    start: int
    end: int
    meaning: Meaning


@dataclass(frozen=True)
class Gazetteer:
    """`names`: all that are looked for. `lengths`: by the first two characters, the longest first.

    `districts`, `stems`: short names of the districts and streets at home. `counties`: those of counties
    elsewhere.
    """

    home: Home
    table: National
    names: Mapping[str, Meaning]
    lengths: Mapping[str, tuple[int, ...]]
    districts: Mapping[str, Meaning]
    stems: Mapping[str, Meaning]
    counties: Mapping[str, str]

    @classmethod
    def of(cls, home: Home, table: National) -> "Gazetteer":
        names = {**meanings.elsewhere(table), **meanings.at_home(home, table)}
        sizes: dict[str, set[int]] = {}
        for name in names:
            sizes.setdefault(name[:2], set()).add(len(name))
        lengths = {first: tuple(sorted(all_of, reverse=True)) for first, all_of in sizes.items()}
        short = meanings.districts(home), meanings.stems(home), meanings.counties(home, table)
        return cls(home, table, names, lengths, *short)

    @cached_property
    def spellings(self) -> Spellings:
        """To find names of the home city with one wrong character."""
        known = {meaning.name: meaning for meaning in self.names.values() if meaning.districts}
        return Spellings.of([name for name, meaning in known.items() if meaning.role != "area"], self.table)

    @cached_property
    def namesake_streets(self) -> frozenset[str]:
        """Streets of districts elsewhere that have the name of one at home."""
        home = self.home.districts
        codes = {code for name in home.values() for code in self.table.by_name.get(name, ())} - home.keys()
        return frozenset(name for code in codes for name in self.table.streets(code).values())

    def hits(self, text: str) -> Iterator[Hit]:
        """The names in the text, from the left, the longest first; not those that begin a road's name."""
        at, last = 0, len(text) - 1
        while at < last:
            for length in self.lengths.get(text[at : at + 2], ()):
                end = min(at + length, last + 1)
                meaning = self.names.get(text[at:end])
                if meaning and (not begins_road(meaning.role, text, end) or self._begins_name(text, end)):
                    yield Hit(at, end, meaning)
                    at = end - 1
                    break
            at += 1

    def _begins_name(self, text: str, at: int) -> bool:
        """富阳区 in 富阳区场口镇, 崇阳县 in 崇阳县路口镇: what looks like a road is a street's name."""
        return any(text[at : at + length] in self.names for length in self.lengths.get(text[at : at + 2], ()))


def begins_road(role: Role, text: str, end: int) -> bool:
    """北京西路 is no Beijing, 江宁区路 no district, 东方市场 no city; 高淳区中大街 is in one."""
    if role in ("street", "variant"):
        return False
    if text[end - 1] in _KINDS:
        return _AFTER_OFFICIAL.match(text, end) is not None
    return (_AFTER_SHORT if role == "short" else _AFTER_LARGE).match(text, end) is not None
