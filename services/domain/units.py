"""The units that act: brigades (劳动保障监察大队), employment centres (公共就业服务中心), the help desk.

A closed unit stays in the file, so that old cases keep their unit's name; whatever is meant for it goes to
its `successor`, and on along the chain. A suspended one (暂停受理) comes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from services.domain.case_events import Service
from services.domain.entry import DistrictCode, Entry, Said, UnitId, Wording
from services.domain.hours import Interval
from services.domain.names import Name

FILE = "units.toml"
UnitType = Literal[
    "brigade", "city_brigade", "employment_centre", "neighbourhood_office", "window", "social_help_desk"
]
TYPES: Final[Mapping[UnitType, Name]] = {
    "brigade": Name("区劳动保障监察大队", "labour inspection brigade of a district"),
    "city_brigade": Name("市劳动保障监察支队（共同上级）", "city brigade, the common superior"),
    "employment_centre": Name("公共就业服务中心", "employment centre"),
    "neighbourhood_office": Name("街道人力资源和社会保障服务所", "neighbourhood office"),
    "window": Name("业务窗口", "window of one business"),
    "social_help_desk": Name("社会求助服务台", "social-help desk"),
}
SERVICE_OF: Final[Mapping[UnitType, Service]] = {
    "brigade": "inspection",
    "city_brigade": "inspection",
    "employment_centre": "employment",
    "neighbourhood_office": "employment",
    "window": "employment",
    "social_help_desk": "helpdesk",
}
StreetCode = Annotated[str, Field(pattern=r"^\d{9}$")]
Phone = Annotated[str, Field(pattern=r"^(0\d{2,3}-\d{7,8}|\d{3,5})$")]


class Contact(Wording):
    """Where a unit can be reached: a desk by its name, never a person's."""

    phone: Phone


class Unit(Entry):
    """One unit. `districts`, `streets`: whose cases it takes; `superior`: who decides (条例 art 13).

    `hours`: when it answers on working days, where not at the city's hours; "always" for day and night.
    """

    id: UnitId
    type: UnitType
    service: Service
    name: Said
    name_en: Said
    districts: tuple[DistrictCode, ...] = ()
    streets: tuple[StreetCode, ...] = ()
    phone: Phone | None = None
    contacts: tuple[Contact, ...] = ()
    hours: Literal["always"] | tuple[Interval, ...] | None = None
    superior: UnitId | None = None
    successor: UnitId | None = None
    suspended: bool = False
    closed: bool = False

    def title(self, language: str) -> str:
        """The name for a reader of `language`."""
        return Name(self.name, self.name_en).in_language(language)

    @property
    def is_open(self) -> bool:
        return not (self.closed or self.suspended) and self.successor is None


class UnitsFile(Entry):
    unit: tuple[Unit, ...]


@dataclass(frozen=True)
class Roster:
    """All units of a city, looked up by id and by duty."""

    by_id: Mapping[str, Unit]
    by_duty: Mapping[tuple[str, str], Unit]
    by_street: Mapping[tuple[str, str], Unit]

    @classmethod
    def of(cls, units: Sequence[Unit]) -> "Roster":
        by_id = {unit.id: unit for unit in units}
        by_duty: dict[tuple[str, str], Unit] = {
            (unit.service, district): taker
            for unit in units
            for district in unit.districts
            if (taker := taker_of(unit, by_id)) is not None
        }
        by_street: dict[tuple[str, str], Unit] = {
            (unit.service, street): taker
            for unit in units
            for street in unit.streets
            if (taker := taker_of(unit, by_id)) is not None
        }
        return cls(by_id, by_duty, by_street)

    def unit(self, unit_id: str) -> Unit:
        """The unit of this id, closed or not; KeyError when the city has none."""
        return self.by_id[unit_id]

    def open_unit(self, unit_id: str) -> Unit | None:
        """The unit, or the one that took over from it; None when it closed and nobody did."""
        return taker_of(self.by_id[unit_id], self.by_id)

    def is_cared_for(self, unit: Unit) -> bool:
        """Whether what is meant for it goes to an open unit or, while one is suspended, to a person."""
        last = last_of(unit, self.by_id)
        return last is not None and (last.is_open or last.suspended)

    def unit_for(self, service: str, district: str) -> Unit | None:
        """The open unit that takes this district's cases; None as well for a district elsewhere."""
        return self.by_duty.get((service, district))

    def unit_for_street(self, service: str, street: str) -> Unit | None:
        """The open unit that takes this street's cases (nine digits); None where the district's does."""
        return self.by_street.get((service, street))


def taker_of(unit: Unit, by_id: Mapping[str, Unit]) -> Unit | None:
    """The unit itself while it is open, else the first open one along the chain of successors."""
    last = last_of(unit, by_id)
    return last if last is not None and last.is_open else None


def last_of(unit: Unit, by_id: Mapping[str, Unit]) -> Unit | None:
    """Where the chain of successors ends; None where it bites its tail."""
    for _ in range(len(by_id)):
        if unit.successor is None or unit.successor not in by_id:
            return unit
        unit = by_id[unit.successor]
    return None
