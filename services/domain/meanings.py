"""What every name stands for that can decide where an address is: at home, and everywhere else."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from services.domain import short_names
from services.domain.home import Home
from services.domain.national import National

Role = Literal[
    "district", "former", "area", "street", "variant", "short", "misspelt",
    "home", "above", "elsewhere", "elsewhere_short",
]  # fmt: skip
"""`variant`: a street as another kind (东山镇). `short`: of a district. `above`: province, prefecture."""

_ROADS = "路街巷弄道"


class Meaning(NamedTuple):
    """What a name stands for. `name`: as the table has it. `districts`, `streets`: codes, all that it may be.

    `shared`: somewhere else in China has the name as well. `word`: so short or plain a name that it counts
    only where a word begins (安县, not in 谆安县; 城区, not in 新城区).
    """

    role: Role
    name: str
    districts: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    shared: bool = False
    word: bool = False


def at_home(home: Home, table: National) -> dict[str, Meaning]:
    """What counts more stands later and replaces what counts less."""
    above = {name: Meaning("above", name) for name in home.above}
    whole = tuple(home.districts) if home.is_whole else ()
    city = {name: Meaning("home", name, whole) for name in home.names}
    areas = {name: Meaning("area", name, codes) for name, codes in home.areas.items()}
    former = {
        name: Meaning("former", name, codes, shared=name in table.by_name, word=_is_word(name))
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
        meaning = Meaning("district", name, (code,), shared=shared, word=_is_word(name))
        names[short_names.plain(name)] = names[name] = meaning
    return names


def _streets(home: Home) -> dict[str, Meaning]:
    codes: dict[str, list[str]] = {}
    for code, name in home.streets.items():
        codes.setdefault(name, []).append(code)
    return {name: _street(name, found) for name, found in codes.items()}


def _street(name: str, codes: Iterable[str]) -> Meaning:
    return Meaning("street", name, tuple(dict.fromkeys(code[:6] for code in codes)), tuple(codes))


def elsewhere(table: National) -> dict[str, Meaning]:
    """Provinces, prefectures and counties elsewhere, in force or former, and the large ones in short."""
    official = [name for name in table.names.values() if not short_names.is_generic(name)]
    renamed = [old.name for old in table.former if not short_names.is_generic(old.name)]
    large = [name for code, name in table.names.items() if code.endswith("00")]
    large += [old.name for old in table.former if old.successors[0].endswith("00")]
    short = {one: name for name in large if (one := short_names.large(name)) not in table.everyday}
    names = {one: Meaning("elsewhere_short", name) for one, name in short.items()}
    for name in (*renamed, *official):
        names[name] = names[short_names.plain(name)] = Meaning("elsewhere", name, word=_is_word(name))
    return names


def _is_word(name: str) -> bool:
    return len(name) == 2 or (name[0] in "新老市城" and short_names.is_generic(name))


def districts(home: Home) -> dict[str, Meaning]:
    """Short names of the districts, now and formerly; not one that is the city's as well (长沙县 in 长沙)."""
    former = [(name, codes) for name, codes in home.former.items() if not _is_word(name)]
    official = [(name, (code,)) for code, name in home.districts.items()]
    return {
        short: Meaning("short", name, codes)
        for name, codes in (*former, *official)
        if (short := short_names.county(name)) and short not in home.names
    }


def stems(home: Home) -> dict[str, Meaning]:
    """Short names of the streets; not those that are a road's as well (江宁路街道)."""
    codes: dict[str, list[str]] = {}
    for code, name in home.streets.items():
        codes.setdefault(short_names.stem(name), []).append(code)
    return {
        stem: _street(home.streets[found[0]], found)
        for stem, found in codes.items()
        if stem and stem[-1] not in _ROADS
    }


def counties(home: Home, table: National) -> dict[str, str]:
    names = (name for code, name in table.names.items() if code not in home.districts and code[4:] != "00")
    own = {short_names.county(name) for name in home.districts.values()} | {*home.names, *home.above}
    return {short: name for name in names if (short := short_names.county(name)) and short not in own}
