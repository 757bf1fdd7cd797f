"""The city's administrative divisions (行政区划) as districts.toml states them.

What the national table knows (streets, former names, places elsewhere) needs no entry; see national.py.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from services.domain.entry import DistrictCode, Entry, Problem, Said, Wording
from services.domain.national import belongs, city_code, name_in_force

DISTRICTS = "districts.toml"


class HomeCity(Entry):
    """The city whose hotline this is. `area_code`: the trunk code of its land lines, with the leading 0."""

    code: DistrictCode
    zh: Said
    en: Said
    province: Said
    area_code: Annotated[str, Field(pattern=r"^0\d{2,3}$")]


class District(Wording):
    """A district in force. A county-level city (县级市) is its own only district."""

    code: DistrictCode
    pinyin: Annotated[str, Field(pattern=r"^[a-z]+$")]


class Abolished(Entry):
    """A name that is no longer official, where the national table lacks or mistakes it.

    `successors`: all districts its ground went to, never a guess.
    """

    zh: Said
    year: Annotated[int, Field(ge=1949)]
    successors: Annotated[tuple[DistrictCode, ...], Field(min_length=1)]
    note: str = ""


class Area(Entry):
    """A name in daily use that is no district and lies in several of them, such as a new area (新区)."""

    zh: Said
    districts: Annotated[tuple[DistrictCode, ...], Field(min_length=2)]
    note: str = ""


class Divisions(Entry):
    """districts.toml."""

    city: HomeCity
    district: Annotated[tuple[District, ...], Field(min_length=1)]
    abolished: tuple[Abolished, ...] = ()
    area: tuple[Area, ...] = ()

    def names(self) -> dict[str, str]:
        """The districts in force: code to Chinese name."""
        return {district.code: district.zh for district in self.district}


def problems(divisions: Divisions) -> Iterator[Problem]:
    """Codes and names that are given twice, or point at nothing; a city that China does not have."""
    city = divisions.city
    if name_in_force(city_code(city.code)) != city.zh:
        zh, en = "代码和名称与全国行政区划表不符", "code and name are not those of the national table"
        yield Problem(DISTRICTS, f"{city.code} {city.zh}", zh, en)
    districts = divisions.names()
    keys = [key for one in divisions.district for key in (one.code, one.zh, one.pinyin)]
    keys += [old.zh for old in divisions.abolished] + [area.zh for area in divisions.area]
    for key in (key for key, count in Counter(keys).items() if count > 1):
        yield Problem(DISTRICTS, key, "重复", "given more than once")
    for name, codes in (
        *((old.zh, old.successors) for old in divisions.abolished),
        *((area.zh, area.districts) for area in divisions.area),
    ):
        for code in sorted(set(codes) - set(districts)):
            yield Problem(DISTRICTS, name, f"本市没有区划 {code}", f"the city has no district {code}")
    for code, name in districts.items():
        if not belongs(code, city.code):
            yield Problem(DISTRICTS, f"{code} {name}", "代码不属本市", "the code is not one of this city's")
