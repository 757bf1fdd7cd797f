"""What is wrong with a city's units: loose ends, and districts that nobody or more than one takes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.domain.case_events import Service
from services.domain.entry import Problem
from services.domain.units import FILE, SERVICE_OF, Unit, last_of, taker_of

EVERY_DISTRICT_HAS: Final[Mapping[Service, str]] = {
    "inspection": "劳动保障监察大队",
    "employment": "公共就业服务中心",
}


def problems(units: Sequence[Unit], districts: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with these units in a city of these districts (code to name)."""
    by_id = {unit.id: unit for unit in units}
    for unit_id, count in Counter(unit.id for unit in units).items():
        if count > 1:
            yield Problem(FILE, unit_id, f"编号重复 {count} 次", f"id is used {count} times")
    for unit in units:
        yield from _loose_ends(unit, by_id, districts)
    for service in EVERY_DISTRICT_HAS:
        for district, name in districts.items():
            yield from _coverage(service, district, name, by_id)
    yield from _streets(by_id)


def _loose_ends(unit: Unit, by_id: Mapping[str, Unit], districts: Mapping[str, str]) -> Iterator[Problem]:
    if not unit.id.startswith(f"{unit.service}-"):
        yield Problem(FILE, unit.id, "编号应以服务类别开头", f"the id must begin with {unit.service}-")
    if SERVICE_OF[unit.type] != unit.service:
        yield Problem(
            FILE, unit.id, f"{unit.type} 不属于 {unit.service}", f"{unit.type} is not {unit.service}"
        )
    for relation, other in (("superior", unit.superior), ("successor", unit.successor)):
        if other == unit.id:
            yield Problem(FILE, unit.id, f"{relation} 不能是自己", f"{relation} is the unit itself")
        elif other is not None and other not in by_id:
            yield Problem(FILE, unit.id, f"没有单位 {other}（{relation}）", f"{relation}: no unit {other}")
        elif other is not None and by_id[other].service != unit.service:
            yield Problem(
                FILE, unit.id, f"{relation} 不是同类单位", f"{relation} {other} is of another service"
            )
    last = last_of(unit, by_id)
    cared_for = last is not None and (last.is_open or last.suspended)
    if unit.successor in by_id and unit.successor != unit.id and not cared_for:
        yield Problem(FILE, unit.id, "接续单位都已关闭或互相循环", "no successor in the chain is open")
    for district in unit.districts:
        if district not in districts:
            yield Problem(FILE, unit.id, f"本市没有区划 {district}", f"the city has no district {district}")
    for street in unit.streets:
        if street[:6] not in districts:
            yield Problem(FILE, unit.id, f"街道 {street} 不在本市", f"street {street} is not in the city")


def _coverage(service: Service, district: str, name: str, by_id: Mapping[str, Unit]) -> Iterator[Problem]:
    named = [unit for unit in by_id.values() if unit.service == service and district in unit.districts]
    takers = {taker.id for unit in named if (taker := taker_of(unit, by_id)) is not None}
    lasts = [last_of(unit, by_id) for unit in named]
    if not takers and any(last is not None and last.suspended for last in lasts):
        return  # for a while its cases go to a person
    if not takers:
        kind = EVERY_DISTRICT_HAS[service]
        yield Problem(FILE, f"{district} {name}", f"没有在用的{kind}", f"no open unit for {service}")
    elif len(takers) > 1:
        ids = ", ".join(sorted(takers))
        yield Problem(FILE, f"{district} {name}", f"由多个单位承办：{ids}", f"taken by several units: {ids}")


def _streets(by_id: Mapping[str, Unit]) -> Iterator[Problem]:
    takers: dict[tuple[Service, str], str] = {}
    for unit in by_id.values():
        taker = taker_of(unit, by_id)
        for street in unit.streets if taker else ():
            first = takers.setdefault((unit.service, street), taker.id if taker else "")
            if taker and first != taker.id:
                ids = f"{first}, {taker.id}"
                yield Problem(
                    FILE, unit.id, f"街道 {street} 由多个单位承办：{ids}", f"street taken twice: {ids}"
                )
