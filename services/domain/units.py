"""The units that act: brigades (劳动保障监察大队), employment centres (公共就业服务中心), the help desk.

A closed unit stays in the file, so that old cases keep their unit's name; whatever is meant for it goes to
its `successor`, and on along the chain.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from services.domain.case_events import Service
from services.domain.entry import DistrictCode, Entry, Problem, Said, UnitId
from services.domain.names import Name

FILE = "units.toml"
EVERY_DISTRICT_HAS: Mapping[Service, str] = {
    "inspection": "劳动保障监察大队",
    "employment": "公共就业服务中心",
}


class Unit(Entry):
    """One unit. `districts`: whose cases it takes; `superior`: who decides between units (条例 art 13)."""

    id: UnitId
    service: Service
    name: Said
    name_en: Said
    districts: tuple[DistrictCode, ...] = ()
    phone: Annotated[str, Field(pattern=r"^(0\d{2,3}-\d{7,8}|\d{3,5})$")] | None = None
    superior: UnitId | None = None
    successor: UnitId | None = None
    closed: bool = False

    def title(self, language: str) -> str:
        """The name for a reader of `language`."""
        return Name(self.name, self.name_en).in_language(language)

    @property
    def is_open(self) -> bool:
        return not self.closed and self.successor is None


class UnitsFile(Entry):
    unit: tuple[Unit, ...]


@dataclass(frozen=True)
class Roster:
    """All units of a city, looked up by id and by duty."""

    by_id: Mapping[str, Unit]
    by_duty: Mapping[tuple[str, str], Unit]

    @classmethod
    def of(cls, units: Sequence[Unit]) -> "Roster":
        by_id = {unit.id: unit for unit in units}
        by_duty: dict[tuple[str, str], Unit] = {
            (unit.service, district): taker
            for unit in units
            for district in unit.districts
            if (taker := _taker(unit, by_id)) is not None
        }
        return cls(by_id, by_duty)

    def unit(self, unit_id: str) -> Unit:
        """The unit of this id, closed or not; KeyError when the city has none."""
        return self.by_id[unit_id]

    def open_unit(self, unit_id: str) -> Unit | None:
        """The unit, or the one that took over from it; None when it closed and nobody did."""
        return _taker(self.by_id[unit_id], self.by_id)

    def unit_for(self, service: str, district: str) -> Unit | None:
        """The open unit that takes this district's cases; None as well for a district elsewhere."""
        return self.by_duty.get((service, district))


def _taker(unit: Unit, by_id: Mapping[str, Unit]) -> Unit | None:
    for _ in range(len(by_id)):
        if unit.is_open:
            return unit
        if unit.successor is None or unit.successor not in by_id:
            return None
        unit = by_id[unit.successor]
    return None


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


def _loose_ends(unit: Unit, by_id: Mapping[str, Unit], districts: Mapping[str, str]) -> Iterator[Problem]:
    if not unit.id.startswith(f"{unit.service}-"):
        yield Problem(FILE, unit.id, "编号应以服务类别开头", f"the id must begin with {unit.service}-")
    for relation, other in (("superior", unit.superior), ("successor", unit.successor)):
        if other == unit.id:
            yield Problem(FILE, unit.id, f"{relation} 不能是自己", f"{relation} is the unit itself")
        elif other is not None and other not in by_id:
            yield Problem(FILE, unit.id, f"没有单位 {other}（{relation}）", f"{relation}: no unit {other}")
        elif other is not None and by_id[other].service != unit.service:
            yield Problem(
                FILE, unit.id, f"{relation} 不是同类单位", f"{relation} {other} is of another service"
            )
    if unit.successor in by_id and unit.successor != unit.id and _taker(unit, by_id) is None:
        yield Problem(FILE, unit.id, "接续单位都已关闭或互相循环", "no successor in the chain is open")
    for district in unit.districts:
        if district not in districts:
            yield Problem(FILE, unit.id, f"本市没有区划 {district}", f"the city has no district {district}")


def _coverage(service: Service, district: str, name: str, by_id: Mapping[str, Unit]) -> Iterator[Problem]:
    named = [unit for unit in by_id.values() if unit.service == service and district in unit.districts]
    takers = {taker.id for unit in named if (taker := _taker(unit, by_id)) is not None}
    if not takers:
        kind = EVERY_DISTRICT_HAS[service]
        yield Problem(FILE, f"{district} {name}", f"没有在用的{kind}", f"no open unit for {service}")
    elif len(takers) > 1:
        ids = ", ".join(sorted(takers))
        yield Problem(FILE, f"{district} {name}", f"由多个单位承办：{ids}", f"taken by several units: {ids}")
