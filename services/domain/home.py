"""The home city (本市): the one whose hotline this is. Its districts, streets, former names and areas.

Everything comes from the national table by the city's code; a city folder adds what only the city knows.

A city with districts (设区的市) is divided into them. A county-level city (县级市, 昆山) and a city without
districts (东莞) are their own only district: the district is the city's code, and the street says the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.domain import short_names
from services.domain.divisions import Divisions
from services.domain.national import MUNICIPALITIES, National, city_code
from services.domain.refusals import Refusal


@dataclass(frozen=True)
class Home:
    """`districts`, `streets`: code to name. `wider`: a district to all that it once covered.

    `former`: a district's former name to its successors. `areas`: a name in daily use to the districts it
    lies in. `names`: the city's own names, in full, in short and as it used to be called. `above`: names of
    its province and prefecture.
    """

    code: str
    name: str
    names: tuple[str, ...]
    above: tuple[str, ...]
    districts: Mapping[str, str]
    streets: Mapping[str, str]
    former: Mapping[str, tuple[str, ...]]
    wider: Mapping[str, tuple[str, ...]]
    areas: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, code: str, table: National, folder: Divisions | None = None) -> "Home":
        """Raises Refusal when there is no such city, or it is a province."""
        code = _checked(code, table)
        name = table.names[code]
        districts = folder.names() if folder else _districts(code, table)
        streets = {one: called for each in districts for one, called in table.streets(each).items()}
        short = short_names.county(name) if _is_county(code) else short_names.large(name)
        renamed = [old.name for old in table.former if old.successors == (code,) and code.endswith("00")]
        above = [table.names[one] for one in table.above(code)]
        former, wider = _former(districts, table)
        if folder:
            former |= {old.zh: old.successors for old in folder.abolished}
        return cls(
            code=code,
            name=name,
            names=tuple(one for one in (name, short, *renamed, *map(short_names.large, renamed)) if one),
            above=tuple(dict.fromkeys([*above, *map(short_names.large, above)])),
            districts=districts,
            streets=streets,
            former=former,
            wider=wider,
            areas={area.zh: area.districts for area in folder.area} if folder else {},
        )

    @property
    def is_whole(self) -> bool:
        """Whether the city is its own only district."""
        return self.code in self.districts


def _is_county(code: str) -> bool:
    return not code.endswith("00")


def _checked(code: str, table: National) -> str:
    code = city_code(code)
    if code not in table.names:
        raise Refusal(
            "unknown-city",
            "没有这个城市代码，请填全国行政区划表中的六位代码，例如 320100。",
            "There is no such city: give six digits of the national table, such as 320100.",
        )
    if code.endswith("0000") and code[:2] not in MUNICIPALITIES:
        raise Refusal(
            "city-is-province",
            "这是省级代码，请填其中一个市的代码。",
            "This is a province: give the code of one of its cities.",
        )
    return code


def _districts(code: str, table: National) -> dict[str, str]:
    divided = {} if _is_county(code) else table.within(code)
    return divided or {code: table.names[code]}


def _former(
    districts: Mapping[str, str], table: National
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Former names of the districts, and districts that used to cover more."""
    former: dict[str, tuple[str, ...]] = {}
    wider: dict[str, tuple[str, ...]] = {}
    in_force = {*districts.values(), *(table.names[code] for each in districts for code in table.above(each))}
    for old in table.former:
        if districts.get(old.code) == old.name and old.code in old.successors:
            wider[old.code] = old.successors
        elif old.name not in in_force and any(code in districts for code in old.successors):
            former[old.name] = tuple(sorted({*former.get(old.name, ()), *old.successors}))
    return former, wider
