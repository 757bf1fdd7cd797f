"""The names that can decide where an address is: those of the home city, and those of everywhere else.

A name is looked for in full, the longest first; one that begins a road's name does not count (江宁路 is in
Shanghai). Short names (江宁, 秣陵) count only where the words before them leave no doubt; see mentions.py.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from services.domain import short_names
from services.domain.home import Home
from services.domain.misspelt import Spellings
from services.domain.national import National

Role = Literal[
    "district", "former", "area", "street", "variant", "short", "misspelt",
    "home", "above", "elsewhere", "elsewhere_short",
]  # fmt: skip
"""`variant`: a street under another kind (东山镇). `short`: of a district. `above`: its province, prefecture."""

_AFTER_OFFICIAL = re.compile(r"路|街(?!道)|巷|弄|大道|域")
_ROAD = r"[东南西北中内外]{0,2}[一二三四五六七八九十]{0,2}(路|街(?!道)|巷|弄|大街|大道)"
_AFTER_LARGE = re.compile(rf"{_ROAD}|门")
_AFTER_SHORT = re.compile(rf"{_ROAD}|[门桥江河湖山海寺站]|大桥")
_KINDS = "省市州盟区县旗"


class Meaning(NamedTuple):
    """What a name stands for. `name`: as the table has it. `districts`, `streets`: codes, all that it may be.

    `shared`: somewhere else in China has the name as well.
    """

    role: Role
    name: str
    districts: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    shared: bool = False


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
        names = {**_elsewhere(home, table), **_at_home(home, table)}
        sizes: dict[str, set[int]] = {}
        for name in names:
            sizes.setdefault(name[:2], set()).add(len(name))
        lengths = {first: tuple(sorted(all_of, reverse=True)) for first, all_of in sizes.items()}
        return cls(home, table, names, lengths, _districts(home), _stems(home), _counties(home, table))

    @cached_property
    def spellings(self) -> Spellings:
        """To find names of the home city with one wrong character."""
        known = {meaning.name: meaning for meaning in self.names.values() if meaning.districts}
        return Spellings.of([name for name, meaning in known.items() if meaning.role != "area"], self.table)

    @cached_property
    def namesake_streets(self) -> frozenset[str]:
        """Streets of districts elsewhere that have the name of one at home; not those that home has too."""
        home = self.home.districts
        codes = {code for name in home.values() for code in self.table.by_name.get(name, ())} - home.keys()
        names = {name for code in codes for name in self.table.streets(code).values()}
        return frozenset(names - {*self.home.streets.values()})

    def hits(self, text: str) -> Iterator[Hit]:
        """The names in the text, from the left, the longest first; not those that begin a road's name."""
        at, last = 0, len(text) - 1
        while at < last:
            for length in self.lengths.get(text[at : at + 2], ()):
                end = min(at + length, last + 1)
                meaning = self.names.get(text[at:end])
                if meaning and not begins_road(meaning.role, text, end):
                    yield Hit(at, end, meaning)
                    at = end - 1
                    break
            at += 1


def begins_road(role: Role, text: str, end: int) -> bool:
    """北京西路 is no Beijing, 江宁区路 no district; 高淳区中大街 is in one. A street (街道) is no road."""
    if role in ("street", "variant"):
        return False
    if text[end - 1] in _KINDS:
        return _AFTER_OFFICIAL.match(text, end) is not None
    return (_AFTER_SHORT if role == "short" else _AFTER_LARGE).match(text, end) is not None


def _at_home(home: Home, table: National) -> dict[str, Meaning]:
    """What counts more stands later and replaces what counts less."""
    above = {name: Meaning("above", name) for name in home.above}
    city = {name: Meaning("home", name, tuple(home.districts) if home.is_whole else ()) for name in home.names}
    areas = {name: Meaning("area", name, codes) for name, codes in home.areas.items()}
    former = {
        name: Meaning("former", name, codes, shared=name in table.by_name)
        for name, codes in home.former.items()
    }
    streets = _streets(home)
    variants = {
        other: meaning._replace(role="variant", shared=other in table.street_names)
        for name, meaning in streets.items()
        for other in short_names.variants(name)
    }
    return {**variants, **streets, **above, **city, **areas, **former, **_official(home, table)}


def _official(home: Home, table: National) -> dict[str, Meaning]:
    names = {}
    for code, name in home.districts.items():
        shared = len(table.by_name.get(name, ())) > 1
        names[short_names.plain(name)] = names[name] = Meaning("district", name, (code,), shared=shared)
    return names


def _streets(home: Home) -> dict[str, Meaning]:
    codes: dict[str, list[str]] = {}
    for code, name in home.streets.items():
        codes.setdefault(name, []).append(code)
    return {name: _street(name, found) for name, found in codes.items()}


def _street(name: str, codes: Iterable[str]) -> Meaning:
    return Meaning("street", name, tuple(dict.fromkeys(code[:6] for code in codes)), tuple(codes))


def _elsewhere(home: Home, table: National) -> dict[str, Meaning]:
    """Provinces, prefectures and counties elsewhere, in force or former, and the large ones in short."""
    official = [name for name in table.names.values() if not short_names.is_generic(name)]
    renamed = [old.name for old in table.former if not short_names.is_generic(old.name)]
    large = [name for code, name in table.names.items() if code.endswith("00")]
    large += [old.name for old in table.former if old.successors[0].endswith("00")]
    short = {one: name for name in large if (one := short_names.large(name)) not in table.everyday}
    names = {one: Meaning("elsewhere_short", name) for one, name in short.items()}
    for name in (*renamed, *official):
        names[name] = names[short_names.plain(name)] = Meaning("elsewhere", name)
    return names


def _districts(home: Home) -> dict[str, Meaning]:
    """Short names of the districts; not one that is the city's as well (长沙县 in 长沙)."""
    short = {short_names.county(name): (code, name) for code, name in home.districts.items()}
    return {
        one: Meaning("short", name, (code,))
        for one, (code, name) in short.items()
        if one and one not in home.names
    }


def _stems(home: Home) -> dict[str, Meaning]:
    codes: dict[str, list[str]] = {}
    for code, name in home.streets.items():
        codes.setdefault(short_names.stem(name), []).append(code)
    return {stem: _street(home.streets[found[0]], found) for stem, found in codes.items() if stem}


def _counties(home: Home, table: National) -> dict[str, str]:
    names = (name for code, name in table.names.items() if code not in home.districts and code[4:] != "00")
    own = {short_names.county(name) for name in home.districts.values()} | {*home.names, *home.above}
    return {short: name for name in names if (short := short_names.county(name)) and short not in own}
