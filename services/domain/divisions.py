"""The city's administrative divisions (行政区划) as districts.toml and elsewhere.toml state them."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from services.domain.entry import DistrictCode, Entry, Problem, Said, Wording

DISTRICTS = "districts.toml"
ELSEWHERE = "elsewhere.toml"


class HomeCity(Entry):
    """The city whose hotline this is. `area_code`: the trunk code of its land lines, with the leading 0."""

    code: DistrictCode
    zh: Said
    en: Said
    province: Said
    area_code: Annotated[str, Field(pattern=r"^0\d{2,3}$")]


class District(Wording):
    """A district in force. `namesakes`: cities elsewhere that have a district of the same name."""

    code: DistrictCode
    pinyin: Annotated[str, Field(pattern=r"^[a-z]+$")]
    namesakes: tuple[str, ...] = ()


class Abolished(Entry):
    """A name that is no longer official. `successors`: all districts its ground went to, never a guess."""

    zh: Said
    year: Annotated[int, Field(ge=1949)]
    successors: Annotated[tuple[DistrictCode, ...], Field(min_length=1)]
    namesakes: tuple[str, ...] = ()
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


class Elsewhere(Entry):
    """elsewhere.toml: names that only ever make an address unsure. `traditional`: pairs, 繁 then 简."""

    provinces: tuple[Said, ...]
    cities: tuple[Said, ...]
    county_cities: tuple[Said, ...]
    only_in_full: tuple[Said, ...] = ()
    traditional: tuple[Annotated[str, Field(min_length=2, max_length=2)], ...] = ()


def problems(divisions: Divisions, elsewhere: Elsewhere | None) -> Iterator[Problem]:
    """Codes and names that are given twice, or point at nothing."""
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
        if not code.startswith(divisions.city.code[:4]):
            yield Problem(DISTRICTS, f"{code} {name}", "代码不属本市", "the code is not one of this city's")
    if elsewhere is not None:
        own = {divisions.city.zh, divisions.city.province}
        for name in sorted(own & {*elsewhere.provinces, *elsewhere.cities, *elsewhere.county_cities}):
            yield Problem(ELSEWHERE, name, "是本市或本省", "is the home city or province")
