"""A city's folder: districts, units, rules, hours, periods, texts, words, visits, read and checked wholly.

Everything that differs from city to city is data in `deploy/cities/<city>/*.toml`, so that an official can
read and check it. `City.load` names every mistake at once; a city with a mistake does not start.
"""

from functools import cached_property
from pathlib import Path

from services.domain import rule_book
from services.domain.city_files import CityError
from services.domain.city_parts import fields_of
from services.domain.clusters import ClustersFile
from services.domain.divisions import District, Divisions
from services.domain.duty import Duty
from services.domain.employers import EmployerNames
from services.domain.entry import Entry
from services.domain.escalation import Escalation
from services.domain.gazetteer import Gazetteer
from services.domain.home import Home
from services.domain.hours import Hours
from services.domain.national import national
from services.domain.periods import Clock
from services.domain.published_years import PublishedYear
from services.domain.routing_rules import Rules, compile_rules
from services.domain.rule_book import RuleBook
from services.domain.rule_entries import Rule
from services.domain.statuses import Status
from services.domain.suggestion import Words
from services.domain.texts import Texts
from services.domain.units import Roster, Unit
from services.domain.visits import Visits
from services.domain.work_calendar import WorkCalendar

__all__ = ["City", "CityError"]


class City(Entry):
    """One city. What its files say, with the look-ups that services need."""

    divisions: Divisions
    units: tuple[Unit, ...]
    rules: tuple[Rule, ...]
    rules_version: str
    routing_texts: rule_book.Texts
    hours: Hours
    years: tuple[PublishedYear, ...]
    clocks: tuple[Clock, ...]
    escalation: Escalation
    duty: Duty
    texts: Texts
    words: Words
    clusters: ClustersFile
    statuses: tuple[Status, ...]
    visits: Visits

    @classmethod
    def load(cls, folder: Path, years: Path | None = None) -> "City":
        """Read the folder; CityError with every problem if there is one.

        `years`: the installation's folder of published years, on top of those that the program knows.
        """
        return cls.model_validate(fields_of(folder, years))

    def with_book(self, book: RuleBook, version: str) -> "City":
        """The city with these units and rules instead of the folder's, under this version."""
        fields = {name: getattr(self, name) for name in City.model_fields}
        changed = {"units": book.units, "rules": book.rules, "rules_version": version}
        return City.model_construct(**(fields | changed))

    @property
    def code(self) -> str:
        return self.divisions.city.code

    @property
    def name(self) -> str:
        return self.divisions.city.zh

    @property
    def name_en(self) -> str:
        return self.divisions.city.en

    @property
    def area_code(self) -> str:
        return self.divisions.city.area_code

    @property
    def districts(self) -> tuple[District, ...]:
        return self.divisions.district

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The names by which addresses are read; for `districts.locate`."""
        return Gazetteer.of(Home.of(self.code, national(), self.divisions), national())

    @cached_property
    def employer_names(self) -> EmployerNames:
        """Reads employers' names as people of this city say them."""
        return EmployerNames.of(self.gazetteer.home, national())

    @cached_property
    def roster(self) -> Roster:
        return Roster.of(self.units)

    @cached_property
    def routing(self) -> Rules:
        """The rules, compiled for `routing_rules.decide`."""
        return compile_rules(self.rules_version, self.rules, self.roster)

    @cached_property
    def calendar(self) -> WorkCalendar:
        """Working days and hours, with the years whose notice is out."""
        return WorkCalendar.of(self.hours, self.years)

    def unit(self, unit_id: str) -> Unit:
        """The unit of this id, closed or not; KeyError when there is none."""
        return self.roster.unit(unit_id)

    def unit_for(self, service: str, district: str) -> Unit | None:
        """The open unit of this service that takes the district's cases."""
        return self.roster.unit_for(service, district)

    def clock(self, clock_id: str) -> Clock:
        """The period of this id; KeyError when there is none."""
        return {clock.id: clock for clock in self.clocks}[clock_id]

    @property
    def accept_minutes(self) -> int:
        """Minutes, day and night, in which an urgent case must be accepted."""
        return self.clock("acceptance_urgent").amount

    def unit_name(self, unit_id: str, language: str) -> str:
        """The unit's name; its id if the city no longer has it."""
        unit = self.roster.by_id.get(unit_id)
        return unit_id if unit is None else unit.title(language)

    def district_name(self, code: str, language: str) -> str:
        """The district's name; its code if it is not one of the city's."""
        return next((one.in_language(language) for one in self.districts if one.code == code), code)

    def clock_name(self, clock_id: str, language: str) -> str:
        """The period's name; its id if the city no longer has it."""
        return next((one.in_language(language) for one in self.clocks if one.id == clock_id), clock_id)

    def level_name(self, level: str, language: str) -> str:
        """The cluster level's name; its id if the city no longer has it."""
        named = (one.in_language(language) for one in self.clusters.threshold if one.id == level)
        return next(named, level)

    def text(self, key: str, language: str, **values: str) -> str:
        """A text message, filled: "received", "answered", "unreachable" or "outcome.<code>"."""
        return self.texts.message(key, language, values)
