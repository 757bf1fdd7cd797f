"""The routing rules as rules.toml states them: data that an official can read, never code.

A rule has conditions (`when`, all must hold) and either a destination (`to`) or a reason to ask a person
(`hold`).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.domain.case_events import Service, Urgency
from services.domain.codes import HOLD_REASONS
from services.domain.entry import DistrictCode, Entry, Problem, Said, UnitId
from services.domain.kinds import Channel, Kind, ReportType
from services.domain.units import Roster, Unit

FILE = "rules.toml"
Tag = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Level = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Count = Annotated[int, Field(ge=0)]
Hour = Annotated[int, Field(ge=0, le=23, strict=True)]


class Known(Entry):
    """Whether a fact is there at all. A place with confidence "unsure" is not known."""

    known: bool


class Range(Entry):
    """Bounds, both included; an unknown number is in no range."""

    min: Count | None = None
    max: Count | None = None

    @model_validator(mode="after")
    def _some_number_fits(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("give min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")
        return self


class Days(Entry):
    """Days by the city's clock, both included; one side may be left open."""

    first: date | None = None
    last: date | None = None

    @model_validator(mode="after")
    def _some_day_fits(self) -> Self:
        if self.first is None and self.last is None:
            raise ValueError("give first or last")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError("first is after last")
        return self


class Tags(Entry):
    """Which tags the case must carry: at least one of `any`, each of `all`, not one of `none`."""

    any: tuple[Tag, ...] = ()
    all: tuple[Tag, ...] = ()
    none: tuple[Tag, ...] = ()


DistrictCondition = DistrictCode | tuple[DistrictCode, ...] | Known | None


class When(Entry):
    """One value: equal to it. A list: one of them. A table: known, min/max, or any/all/none.

    `work_in_doubt`: the place of employment is unsure because names contradict each other (another city, two
    districts), not because nothing was recognised. `cluster`: the level of the employer's cluster.
    By the city's clock, when the case came in or was reopened: `work_time` (people answer), `workday`, `hour`
    (0 to 23), `date`.
    """

    kind: Kind | tuple[Kind, ...] | None = None
    report_type: ReportType | tuple[ReportType, ...] | Known | None = None
    urgent: bool | None = None
    channel: Channel | tuple[Channel, ...] | None = None
    work_district: DistrictCondition = None
    work_in_doubt: bool | None = None
    employer_district: DistrictCondition = None
    residence_district: DistrictCondition = None
    tags: Tags | None = None
    amount_owed_fen: Range | Known | None = None
    workers_affected: Range | Known | None = None
    cluster: Level | tuple[Level, ...] | Known | None = None
    work_time: bool | None = None
    workday: bool | None = None
    hour: Hour | tuple[Hour, ...] | Range | None = None
    date: Days | None = None


class Destination(Entry):
    """`by`: whose district decides; "fixed": always `unit`.

    "residence_street": the office of the street where the caller lives, else the district's unit.
    """

    service: Service
    by: Literal["work", "employer", "residence", "residence_street", "fixed"]
    unit: UnitId | None = None

    @model_validator(mode="after")
    def _a_unit_exactly_when_fixed(self) -> Self:
        if (self.by == "fixed") != (self.unit is not None):
            raise ValueError('give unit exactly when by = "fixed"')
        return self


class Rule(Entry):
    """One rule. `urgency` overrides what the case says of itself; `article`: where the rule is laid down."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    zh: Said
    en: Said
    article: str | None = None
    when: When
    to: Destination | None = None
    hold: str | None = None
    urgency: Urgency | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if (self.to is None) == (self.hold is None):
            raise ValueError("give either to or hold")
        if self.hold is not None and self.hold not in HOLD_REASONS:
            raise ValueError(f"hold must be one of {', '.join(HOLD_REASONS)}")
        return self


class RulesFile(Entry):
    """rules.toml. `version` is written into every decision: change it with every change."""

    version: Said
    rule: Annotated[tuple[Rule, ...], Field(min_length=1)]


def problems(rules: Collection[Rule], units: Sequence[Unit], districts: Collection[str]) -> Iterator[Problem]:
    """Rules that are given twice, or point at units and districts that the city does not have."""
    for rule_id, count in Counter(rule.id for rule in rules).items():
        if count > 1:
            yield Problem(FILE, rule_id, f"编号重复 {count} 次", f"id is used {count} times")
    roster = Roster.of(units)
    for rule in rules:
        yield from _destination(rule, roster)
        for field in ("work_district", "employer_district", "residence_district"):
            wanted = getattr(rule.when, field)
            codes = (wanted,) if isinstance(wanted, str) else wanted if isinstance(wanted, tuple) else ()
            for code in codes:
                if code not in districts:
                    zh, en = f"本市没有区划 {code}（{field}）", f"{field}: the city has no district {code}"
                    yield Problem(FILE, rule.id, zh, en)


def _destination(rule: Rule, roster: Roster) -> Iterator[Problem]:
    if rule.to is None:
        return
    if rule.to.unit is None:
        if not any(service == rule.to.service for service, _ in roster.by_duty):
            zh, en = f"{rule.to.service} 没有按区设立的单位", f"no unit of {rule.to.service} has a district"
            yield Problem(FILE, rule.id, zh, en)
    elif rule.to.unit not in roster.by_id:
        yield Problem(FILE, rule.id, f"没有单位 {rule.to.unit}", f"no unit {rule.to.unit}")
    elif roster.unit(rule.to.unit).service != rule.to.service:
        zh, en = f"{rule.to.unit} 不是 {rule.to.service} 单位", f"{rule.to.unit} is not of {rule.to.service}"
        yield Problem(FILE, rule.id, zh, en)
    elif not roster.is_cared_for(roster.unit(rule.to.unit)):
        yield Problem(FILE, rule.id, f"{rule.to.unit} 已关闭", f"{rule.to.unit} is closed, nobody took over")
