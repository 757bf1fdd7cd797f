"""Which unit a case goes to: the first rule of rules.toml that fits decides.

Wage cases go by the place of employment (用工所在地, 劳动保障监察条例 art 13). Rules look at codes, flags and numbers only,
never at text, so a decision needs no personal data and explains itself by the facts it used.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.domain.case_events import Urgency
from services.domain.kinds import Channel, Kind, ReportType
from services.domain.places import Place
from services.domain.rule_entries import Destination, Known, Range, Rule, Tags, When
from services.domain.units import Roster, Unit

Value = str | bool | int | tuple[str, ...] | None
Values = Mapping[str, Value]
Check = Callable[[Value], bool]

_DISTRICT_OF = {"work": "work_district", "employer": "employer_district", "residence": "residence_district"}
_PLACE_OF = {"work_district": "work", "employer_district": "employer_place", "residence_district": "residence"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case. Places as intake confirmed them; `amount_owed_fen` in fen (分)."""

    kind: Kind
    report_type: ReportType | None = None
    urgent: bool = False
    channel: Channel = Channel.PHONE
    work: Place | None = None
    employer_place: Place | None = None
    residence: Place | None = None
    tags: tuple[str, ...] = ()
    amount_owed_fen: int | None = None
    workers_affected: int | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """To this unit, by this rule. `facts_used`: field to value, for the timeline; codes only."""

    unit: Unit
    rule: str
    version: str
    facts_used: dict[str, str]
    district: str | None
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Held:
    """To a person. `reason`: a code of codes.HOLD_REASONS."""

    reason: str
    facts_used: dict[str, str]


Decision = Routed | Held


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule made ready: every check is a field and a predicate on its value."""

    id: str
    checks: tuple[tuple[str, Check], ...]
    to: Destination | None
    hold: str
    urgency: Urgency | None


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one version in their order, with the units they lead to."""

    version: str
    rules: tuple[Compiled, ...]
    roster: Roster


def compile_rules(version: str, rules: Sequence[Rule], roster: Roster) -> Rules:
    """Once per start; `decide` then only compares."""
    ready = (
        Compiled(rule.id, tuple(_checks(rule.when)), rule.to, rule.hold or "no_rule", rule.urgency)
        for rule in rules
    )
    return Rules(version, tuple(ready), roster)


def decide(rules: Rules, facts: Facts, excluded: frozenset[str] = frozenset()) -> Decision:
    """The first rule that fits, or Held. A unit in `excluded` objected and is not asked again: a person decides."""
    values = _values(facts)
    for rule in rules.rules:
        try:
            if all(check(values[field]) for field, check in rule.checks):
                return _apply(rule, rules, facts, values, excluded)
        except Exception:  # never on to the next rule: it may be the wrong one
            return Held("rule_failed", {"rule": rule.id, "kind": facts.kind})
    return Held("no_rule", _used(("kind", "report_type", "urgent"), facts, values))


def _apply(
    rule: Compiled, rules: Rules, facts: Facts, values: Values, excluded: frozenset[str]
) -> Decision:
    fields = [field for field, _ in rule.checks]
    if rule.to is None:
        return Held(rule.hold, {"rule": rule.id, **_used(fields, facts, values)})
    by = _DISTRICT_OF.get(rule.to.by)
    used = _used([*fields, by] if by else fields, facts, values)
    district = values[by] if by else None
    if by and district is None:
        return Held("unsure_district", {"rule": rule.id, **used})
    unit = _unit(rule.to, district, rules.roster)
    if unit is None:
        return Held("unit_unavailable", {"rule": rule.id, **used})
    if unit.id in excluded:
        return Held("objected_again", {"rule": rule.id, "unit": unit.id, **used})
    urgency: Urgency = rule.urgency or ("urgent" if facts.urgent else "normal")
    return Routed(unit, rule.id, rules.version, used, None if district is None else str(district), urgency)


def _unit(to: Destination, district: Value, roster: Roster) -> Unit | None:
    if to.unit is not None:
        return roster.open_unit(to.unit)
    return roster.unit_for(to.service, str(district))


def _values(facts: Facts) -> Values:
    return {
        "kind": facts.kind,
        "report_type": facts.report_type,
        "urgent": facts.urgent,
        "channel": facts.channel,
        "work_district": _known(facts.work),
        "work_in_doubt": _in_doubt(facts.work),
        "employer_district": _known(facts.employer_place),
        "residence_district": _known(facts.residence),
        "tags": facts.tags,
        "amount_owed_fen": facts.amount_owed_fen,
        "workers_affected": facts.workers_affected,
    }


def _known(place: Place | None) -> str | None:
    return None if place is None or place.confidence == "unsure" else place.district


def _in_doubt(place: Place | None) -> bool:
    return place is not None and place.confidence == "unsure" and place.evidence != ""


def _used(fields: Iterable[str], facts: Facts, values: Values) -> dict[str, str]:
    return {field: _shown(field, values[field], facts) for field in fields}


def _shown(field: str, value: Value, facts: Facts) -> str:
    if value is None:
        place = getattr(facts, _PLACE_OF[field]) if field in _PLACE_OF else None
        return "unknown" if place is None else "unsure"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _checks(when: When) -> Iterator[tuple[str, Check]]:
    for field in When.model_fields:
        wanted = getattr(when, field)
        if wanted is not None:
            yield field, _check(wanted)


def _check(wanted: object) -> Check:
    match wanted:
        case Known(known=known):
            return lambda value: (value is not None) is known
        case Range(min=low, max=high):
            least, most = low or 0, float("inf") if high is None else high
            return lambda value: isinstance(value, int) and least <= value <= most
        case Tags():
            return _tags(wanted)
        case tuple():
            allowed = frozenset(wanted)
            return lambda value: value in allowed
        case _:
            return lambda value: value == wanted


def _tags(wanted: Tags) -> Check:
    some, every, never = frozenset(wanted.any), frozenset(wanted.all), frozenset(wanted.none)

    def check(value: Value) -> bool:
        tags = frozenset(value) if isinstance(value, tuple) else frozenset[str]()
        return every <= tags and never.isdisjoint(tags) and (not some or not some.isdisjoint(tags))

    return check
