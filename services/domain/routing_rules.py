"""Which unit a case goes to: the first rule of rules.toml that fits decides.

Wage cases go by the place of employment (用工所在地, 劳动保障监察条例 art 13). Rules look at codes, flags and
numbers only, never at text, so a decision needs no personal data and explains itself by the facts it used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.domain.case_events import Urgency
from services.domain.conditions import checks
from services.domain.routing_facts import Facts, Value, Values, street_of, told, values_of
from services.domain.rule_entries import Destination, Rule
from services.domain.sieve import Check, Sieve
from services.domain.units import Roster, Unit

__all__ = ["FIELD_OF", "Compiled", "Decision", "Facts", "Held", "Routed", "Rules", "compile_rules", "decide",
           "values_of"]  # fmt: skip

FIELD_OF: Final[Mapping[str, str]] = {
    "work": "work_district",
    "employer": "employer_district",
    "residence": "residence_district",
    "residence_street": "residence_district",
}


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
    sieve: Sieve = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sieve", Sieve([rule.checks for rule in self.rules]))


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
    for place in rules.sieve.candidates(values):
        rule = rules.rules[place]
        try:
            for name, check in rule.checks:
                if not check(values[name]):
                    break
            else:
                return _apply(rule, rules, facts, values, excluded)
        except Exception:  # never on to the next rule: it may be the wrong one
            return Held("rule_failed", {"rule": rule.id, "kind": str(facts.kind)})
    return Held("no_rule", told(("kind", "report_type", "urgent"), facts, values))


def _apply(rule: Compiled, rules: Rules, facts: Facts, values: Values, excluded: frozenset[str]) -> Decision:
    fields = [name for name, _ in rule.checks]
    if rule.to is None:
        fields += FIELD_OF.values() if rule.hold == "unsure_district" else ()
        return Held(rule.hold, {"rule": rule.id, **told(fields, facts, values)})
    by = FIELD_OF.get(rule.to.by)
    used = told([*fields, by] if by else fields, facts, values)
    district = values[by] if by else None
    if by and district is None:
        return Held("unsure_district", {"rule": rule.id, **used})
    unit = _unit(rule.to, district, facts, rules.roster)
    if unit is None:
        return Held(_why_no_unit(rule.to, district, rules.roster), {"rule": rule.id, **used})
    if unit.id in excluded:
        return Held("objected_again", {"rule": rule.id, "unit": unit.id, **used})
    urgency: Urgency = rule.urgency or ("urgent" if facts.urgent else "normal")
    return Routed(unit, rule.id, rules.version, used, None if district is None else str(district), urgency)


def _unit(to: Destination, district: Value, facts: Facts, roster: Roster) -> Unit | None:
    if to.unit is not None:
        return roster.open_unit(to.unit)
    if to.by == "residence_street" and (street := street_of(facts)):
        office = roster.unit_for_street(to.service, street)
        if office is not None:
            return office
    return roster.unit_for(to.service, str(district))


def _why_no_unit(to: Destination, district: Value, roster: Roster) -> str:
    """A unit is named but closed; or the rules, which know this city only, do not reach to that district."""
    ours = any(unit.service == to.service and district in unit.districts for unit in roster.by_id.values())
    return "unit_unavailable" if ours or to.unit is not None else "no_rule"
