"""The names that can decide where an address is: those of the home city, and those of all others.

A name is looked for in full, the longest first; one that begins a road's name does not count (江宁路 is in
Shanghai).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from services.domain.divisions import Divisions, Elsewhere

Role = Literal["district", "abolished", "area", "home", "elsewhere", "elsewhere_short"]

_AFTER_OFFICIAL = re.compile(r"路|街(?!道)|巷|弄|大道|域")
_AFTER_SHORT = re.compile(r"[东南西北中内外]{0,2}[一二三四五六七八九十]{0,2}(路|街(?!道)|巷|弄|大街|大道)")
_OFFICIAL = re.compile(r"(省|市|盟|州|地区|特别行政区|(壮族|回族|维吾尔)?自治区)$")


class Meaning(NamedTuple):
    """What a name stands for. `shared`: some other city has a district of this name."""

    role: Role
    districts: tuple[str, ...] = ()
    shared: bool = False


class Hit(NamedTuple):
    start: int
    name: str
    meaning: Meaning


@dataclass(frozen=True)
class Gazetteer:
    """Every name that can decide, and the way to write traditional characters in simplified ones."""

    names: Mapping[str, Meaning]
    lengths: Mapping[str, tuple[int, ...]]  # by first character, the longest first
    simplified: Mapping[int, str]

    @classmethod
    def of(cls, divisions: Divisions, elsewhere: Elsewhere) -> "Gazetteer":
        names = {**_names_elsewhere(elsewhere), **_names_at_home(divisions)}
        pairs = {ord(pair[0]): pair[1] for pair in elsewhere.traditional}
        sizes: dict[str, set[int]] = {}
        for name in names:
            sizes.setdefault(name[0], set()).add(len(name))
        lengths = {first: tuple(sorted(all_of, reverse=True)) for first, all_of in sizes.items()}
        return cls(names, lengths, pairs)

    def hits(self, text: str) -> Iterator[Hit]:
        """The names in the text, from the left, the longest first; not those that begin a road's name."""
        at = 0
        while at < len(text):
            for length in self.lengths.get(text[at], ()):
                meaning = self.names.get(name := text[at : at + length])
                if meaning and not _begins_road(meaning, text, at + length):
                    yield Hit(at, name, meaning)
                    at += length - 1
                    break
            at += 1


def _begins_road(meaning: Meaning, text: str, end: int) -> bool:
    """北京西路 is no Beijing, 江宁区路 no district; 高淳区中大街 is in one."""
    guard = _AFTER_SHORT if meaning.role in ("home", "elsewhere_short") else _AFTER_OFFICIAL
    return guard.match(text, end) is not None


def _names_at_home(divisions: Divisions) -> dict[str, Meaning]:
    home = Meaning("home")
    names = {divisions.city.zh: home, divisions.city.zh.removesuffix("市"): home}
    names |= {area.zh: Meaning("area", area.districts) for area in divisions.area}
    names |= {
        old.zh: Meaning("abolished", old.successors, bool(old.namesakes)) for old in divisions.abolished
    }
    return names | {
        one.zh: Meaning("district", (one.code,), bool(one.namesakes)) for one in divisions.district
    }


def _names_elsewhere(elsewhere: Elsewhere) -> dict[str, Meaning]:
    large = (*elsewhere.provinces, *elsewhere.cities)
    short = {_OFFICIAL.sub("", name) for name in large if name not in elsewhere.only_in_full}
    names = dict.fromkeys(short, Meaning("elsewhere_short"))
    return names | dict.fromkeys((*large, *elsewhere.county_cities), Meaning("elsewhere"))
