"""Which unit a case goes to: the first rule of rules.toml that fits decides.

Wage cases go by the place of employment (用工所在地, 劳动保障监察条例 art 13). Rules look at codes, flags and
numbers only, never at text, so a decision needs no personal data and explains itself by the facts it used.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.domain.case_events import Urgency
from services.domain.clusters import Cluster
from services.domain.conditions import Check, Value, checks
from services.domain.kinds import Channel, Kind, ReportType
from services.domain.places import Place
from services.domain.rule_entries import Destination, Rule
from services.domain.units import Roster, Unit

Values = Mapping[str, Value]

_FIELD_OF = {"work": "work_district", "employer": "employer_district", "residence": "residence_district"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case. Places as intake confirmed them; `amount_owed_fen` in fen (分).

    `cluster`: of its employer or site; rules see its levels among the `tags`.
    """

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
    cluster: Cluster | None = None


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
        Compiled(rule.id, tuple(checks(rule.when)), rule.to, rule.hold or "no_rule", rule.urgency)
        for rule in rules
    )
    return Rules(version, tuple(ready), roster)


def decide(rules: Rules, facts: Facts, excluded: frozenset[str] = frozenset()) -> Decision:
    """The first rule that fits, or Held. A unit in `excluded` objected: not it again, a person decides."""
    values = values_of(facts)
    for rule in rules.rules:
        try:
            for field, check in rule.checks:
                if not check(values[field]):
                    break
            else:
                return _apply(rule, rules, facts, values, excluded)
        except Exception:  # never on to the next rule: it may be the wrong one
            return Held("rule_failed", {"rule": rule.id, "kind": str(facts.kind)})
    return Held("no_rule", _used(("kind", "report_type", "urgent"), facts, values))


def _apply(rule: Compiled, rules: Rules, facts: Facts, values: Values, excluded: frozenset[str]) -> Decision:
    fields = [field for field, _ in rule.checks]
    if rule.to is None:
        fields += _FIELD_OF.values() if rule.hold == "unsure_district" else ()
        return Held(rule.hold, {"rule": rule.id, **_used(fields, facts, values)})
    by = _FIELD_OF.get(rule.to.by)
    used = _used([*fields, by] if by else fields, facts, values)
    district = values[by] if by else None
    if by and district is None:
        return Held("unsure_district", {"rule": rule.id, **used})
    unit = _unit(rule.to, district, rules.roster)
    if unit is None:
        return Held(_why_no_unit(rule.to, district, rules.roster), {"rule": rule.id, **used})
    if unit.id in excluded:
        return Held("objected_again", {"rule": rule.id, "unit": unit.id, **used})
    urgency: Urgency = rule.urgency or ("urgent" if facts.urgent else "normal")
    return Routed(unit, rule.id, rules.version, used, None if district is None else str(district), urgency)


def _unit(to: Destination, district: Value, roster: Roster) -> Unit | None:
    if to.unit is not None:
        return roster.open_unit(to.unit)
    return roster.unit_for(to.service, str(district))


def _why_no_unit(to: Destination, district: Value, roster: Roster) -> str:
    """A unit is named but closed; or the rules, which know this city only, do not reach to that district."""
    ours = any(unit.service == to.service and district in unit.districts for unit in roster.by_id.values())
    return "unit_unavailable" if ours or to.unit is not None else "no_rule"


def values_of(facts: Facts) -> Values:
    """The facts as conditions see them. A place with confidence "unsure" is not known."""
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
        return "unsure" if field in _unsure_places(facts) else "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _unsure_places(facts: Facts) -> set[str]:
    places = {
        "work_district": facts.work,
        "employer_district": facts.employer_place,
        "residence_district": facts.residence,
    }
    return {field for field, place in places.items() if place is not None}
