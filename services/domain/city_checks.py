"""What one file of a city's folder says of another."""

from collections.abc import Iterator

from services.domain import divisions, rule_checks, rule_entries, unit_checks
from services.domain.divisions import Divisions
from services.domain.entry import Problem
from services.domain.national import national
from services.domain.rule_entries import RulesFile
from services.domain.units import Roster, UnitsFile


def problems(home: Divisions | None, roster: UnitsFile | None, rules: RulesFile | None) -> Iterator[Problem]:
    """What one file says of another, as far as both could be read."""
    if home is None:
        return
    yield from divisions.problems(home, national())
    if roster is not None:
        yield from unit_checks.problems(roster.unit, home.names())
        if rules is not None:
            yield from rule_entries.problems(rules.rule, roster.unit, home.names())
            yield from rule_checks.problems(rules.rule, Roster.of(roster.unit), home.names())
