"""The kinds of addresses that callers give, each made from one street or place."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from services.domain import short_names
from tools.accuracy.addresses import SENTENCES, Case, Maker

Made = tuple[str, str, str] | tuple[str, str] | None


def _full(maker: Maker) -> Made:
    code, street, district = maker.street()
    above = "".join(reversed([name for name in maker.home.above if not _is_short(name, maker)]))
    return f"{above}{maker.home.name}{maker.named(district)}{street}{maker.road()}", district, code


def _is_short(name: str, maker: Maker) -> bool:
    return name not in maker.table.by_name


def _without_province(maker: Maker) -> Made:
    code, street, district = maker.street()
    return f"{maker.home.name}{maker.named(district)}{street}{maker.road()}", district, code


def _city_short(maker: Maker) -> Made:
    code, street, district = maker.street()
    return f"{maker.home.names[1]}{maker.named(district)}{street}{maker.road()}", district, code


def _without_city(maker: Maker) -> Made:
    code, street, district = maker.street()
    return f"{maker.home.districts[district]}{street}{maker.road()}", district, code


def _without_street(maker: Maker) -> Made:
    _, _, district = maker.street()
    return f"{maker.home.name}{maker.named(district)}{maker.road()}", district


def _street_only(maker: Maker) -> Made:
    code, street, district = maker.street(once=True)
    road = maker.road() if maker.chance.random() < 0.5 else ""
    return (f"{street}{road}", district, code) if maker.called[street] == 1 else None


def _city_and_street(maker: Maker) -> Made:
    code, street, district = maker.street(once=True)
    return (f"{maker.home.name}{street}{maker.road()}", district, code) if maker.called[street] == 1 else None


def _traditional(maker: Maker) -> Made:
    address, *codes = maker.chance.choice((_full, _without_province, _without_city))(maker) or ("", "")
    return "".join(maker.written.get(sign, sign) for sign in address), *codes  # type: ignore[return-value]


def _misspelt(maker: Maker) -> Made:
    """One character of the district's name replaced by one that sounds or looks alike."""
    _, _, district = maker.street()
    name = maker.home.districts[district]
    at = maker.chance.randrange(len(short_names.county(name)) or 1)
    alike = [
        sign for sign in sorted(maker.table.sounds) if sign != name[at] and maker.table.alike(sign, name[at])
    ]
    if not alike:
        return None
    wrong = name[:at] + maker.chance.choice(alike) + name[at + 1 :]
    front = "" if maker.home.is_whole else maker.chance.choice((maker.home.name, maker.home.names[1], ""))
    return (f"{front}{wrong}{maker.road()}", district) if wrong not in maker.table.by_name else None


def _former(maker: Maker) -> Made:
    names = sorted((name, codes) for name, codes in maker.home.former.items() if len(codes) == 1)
    if not names:
        return None
    name, codes = maker.chance.choice(names)
    return f"{maker.home.name if not maker.home.is_whole else ''}{name}{maker.road()}", codes[0]


def _sentence(maker: Maker) -> Made:
    address, *codes = maker.chance.choice((_full, _without_province, _without_street))(maker) or ("", "")
    return maker.chance.choice(SENTENCES).format(address), *codes  # type: ignore[return-value]


def _elsewhere(maker: Maker) -> Made:
    """A district, county or county-level city elsewhere, after the name of its city."""
    code = maker.chance.choice(_far(maker))
    city = maker.table.names[next(maker.table.above(code))]
    front = maker.chance.choice((city, short_names.large(city)))
    return f"{front}{maker.table.names[code]}{maker.road()}", ""


def _street_elsewhere(maker: Maker) -> Made:
    code = maker.chance.choice(_far(maker))
    streets = sorted(maker.table.streets(code).values())
    if not streets:
        return None
    city = maker.table.names[next(maker.table.above(code))]
    return f"{city}{maker.table.names[code]}{maker.chance.choice(streets)}{maker.road()}", ""


def _district_elsewhere(maker: Maker) -> Made:
    """Without its city, of a name that home does not have, now or formerly."""
    code = maker.chance.choice(_far(maker))
    name, own = maker.table.names[code], {*maker.home.districts.values(), *maker.home.former}
    streets = sorted(maker.table.streets(code).values())
    return (
        (f"{name}{maker.chance.choice(streets)}{maker.road()}", "") if streets and name not in own else None
    )


def _far(maker: Maker) -> list[str]:
    return [
        code for code in maker.table.names if not code.endswith("00") and code not in maker.home.districts
    ]


VARIANTS: Final[Mapping[str, Callable[[Maker], Made]]] = {
    "full": _full,
    "without province": _without_province,
    "city in short": _city_short,
    "without city": _without_city,
    "without street": _without_street,
    "street only": _street_only,
    "city and street": _city_and_street,
    "traditional": _traditional,
    "one wrong character": _misspelt,
    "former name": _former,
    "in a sentence": _sentence,
    "elsewhere": _elsewhere,
    "street elsewhere": _street_elsewhere,
    "district elsewhere": _district_elsewhere,
}


def cases(maker: Maker, count: int) -> Iterator[Case]:
    """Up to `count` of each kind."""
    for variant, make in VARIANTS.items():
        for _ in range(count):
            if made := make(maker):
                yield Case(variant, *made)
