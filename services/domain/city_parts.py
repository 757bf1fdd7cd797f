"""The files of a city's folder, read and held against each other."""

from collections.abc import Iterator
from pathlib import Path

from services.domain import (
    clusters,
    divisions,
    duty,
    escalation,
    hours,
    periods,
    rule_book,
    rule_checks,
    rule_entries,
    statuses,
    suggestion,
    texts,
    unit_checks,
    units,
    visits,
)
from services.domain.city_files import CityError, read
from services.domain.clusters import ClustersFile
from services.domain.divisions import Divisions
from services.domain.duty import Duty
from services.domain.entry import Problem
from services.domain.escalation import Escalation
from services.domain.hours import Hours
from services.domain.periods import Deadlines
from services.domain.published_years import published
from services.domain.rule_entries import RulesFile
from services.domain.statuses import StatusesFile
from services.domain.suggestion import Words
from services.domain.texts import Texts
from services.domain.units import Roster, UnitsFile
from services.domain.visits import Visits


def fields_of(folder: Path, years: Path | None) -> dict[str, object]:
    """The fields of a City. CityError with every problem if there is one."""
    found: list[Problem] = []
    home = read(folder / divisions.DISTRICTS, Divisions, found)
    roster = read(folder / units.FILE, UnitsFile, found)
    rules = read(folder / rule_entries.FILE, RulesFile, found)
    opening = read(folder / hours.FILE, Hours, found)
    deadlines = read(folder / periods.FILE, Deadlines, found)
    ladders = read(folder / escalation.FILE, Escalation, found)
    people = read(folder / duty.FILE, Duty, found)
    spoken = read(folder / texts.FILE, Texts, found)
    words = read(folder / suggestion.FILE, Words, found)
    groups = read(folder / clusters.FILE, ClustersFile, found)
    codes = read(folder / statuses.FILE, StatusesFile, found)
    walks = read(folder / visits.FILE, Visits, found)
    known_years = published(years, found)
    found += _places(home, roster, rules)
    found += _times(opening, deadlines, ladders, spoken)
    found += _people(roster, people, groups, spoken)
    found += statuses.problems(codes.status, [unit.id for unit in roster.unit]) if codes and roster else ()
    found += visits.problems(walks, roster.unit) if walks and roster else ()
    book = rule_book.Texts.of(folder)
    if found or not (roster and rules and deadlines and codes):
        raise CityError(folder, rule_book.located(found, book))
    return {
        "divisions": home, "units": roster.unit, "rules": rules.rule, "rules_version": rules.version,
        "routing_texts": book, "hours": opening, "years": known_years, "clocks": deadlines.clock,
        "escalation": ladders, "duty": people, "texts": spoken, "words": words, "clusters": groups,
        "statuses": codes.status, "visits": walks,
    }  # fmt: skip


def _places(home: Divisions | None, roster: UnitsFile | None, rules: RulesFile | None) -> Iterator[Problem]:
    """What units and rules say of the districts."""
    if home is None:
        return
    yield from divisions.problems(home)
    if roster is not None:
        yield from unit_checks.problems(roster.unit, home.names())
        if rules is not None:
            yield from rule_entries.problems(rules.rule, roster.unit, home.names())
            yield from rule_checks.problems(rules.rule, Roster.of(roster.unit), home.names())


def _times(
    opening: Hours | None, deadlines: Deadlines | None, ladders: Escalation | None, spoken: Texts | None
) -> Iterator[Problem]:
    """Hours, periods, and what follows when one of them runs out."""
    if opening is not None:
        yield from hours.problems(opening)
    if deadlines is not None:
        yield from periods.problems(deadlines.clock, spoken)
        if ladders is not None:
            yield from escalation.problems(ladders, deadlines.clock)


def _people(
    roster: UnitsFile | None, people: Duty | None, groups: ClustersFile | None, spoken: Texts | None
) -> Iterator[Problem]:
    """Who is on duty, what makes a cluster, and the words for all of it."""
    if spoken is not None:
        yield from texts.problems(spoken)
    if groups is not None:
        yield from clusters.problems(groups)
    if people is not None and roster is not None:
        yield from duty.problems(people, [unit.id for unit in roster.unit])
