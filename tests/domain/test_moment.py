"""When a case came in: by the city's clock and never by UTC (F11), with lunch and holidays (F12)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.domain.city import City
from services.domain.kinds import Kind
from services.domain.moment import Moment
from services.domain.routing_facts import values_of
from services.domain.routing_rules import Facts, compile_rules, decide
from services.domain.rule_entries import Rule
from tests.domain.nanjing_time import local

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")

MOMENTS = [
    ("2026-09-24 23:30", Moment(date(2026, 9, 24), 23, True, False)),
    ("2026-09-25 00:30", Moment(date(2026, 9, 25), 0, False, False)),  # Mid-Autumn, off
    ("2026-09-28 09:00", Moment(date(2026, 9, 28), 9, True, True)),
    ("2026-09-28 12:30", Moment(date(2026, 9, 28), 12, True, False)),  # lunch
    ("2026-09-20 10:00", Moment(date(2026, 9, 20), 10, True, True)),  # a Sunday that is worked
    ("2026-10-01 10:00", Moment(date(2026, 10, 1), 10, False, False)),
    ("2026-10-09 00:30", Moment(date(2026, 10, 9), 0, True, False)),  # Thursday still in UTC
]


@pytest.mark.parametrize(("at", "moment"), MOMENTS)
def test_a_moment_is_of_the_citys_day_and_hours(at: str, moment: Moment) -> None:
    assert Moment.of(local(at), CITY.calendar) == moment


def test_a_year_outside_the_calendar_is_neither_worked_nor_free() -> None:
    at = datetime(1999, 1, 1, tzinfo=UTC)
    assert Moment.of(at, CITY.calendar) == Moment(date(1999, 1, 1), 8, None, None)


def test_the_same_case_at_2330_and_at_0030_goes_by_different_rules() -> None:
    said = {
        "zh": "规则",
        "en": "rule",
        "to": {"service": "inspection", "by": "fixed", "unit": "inspection-nanjing"},
    }
    night = Rule.model_validate(said | {"id": "late", "when": {"hour": {"min": 22}, "workday": True}})
    early = Rule.model_validate(said | {"id": "early", "when": {"hour": [0, 1], "work_time": False}})
    rules = compile_rules("t", [night, early], CITY.roster)
    found = []
    for at in ("2026-09-28 23:30", "2026-09-29 00:30", "2026-09-29 08:30"):
        decision = decide(rules, Facts(Kind.OTHER, moment=Moment.of(local(at), CITY.calendar)))
        found.append(decision.facts_used)
    assert found == [
        {"workday": "true", "hour": "23"}, {"work_time": "false", "hour": "0"},
        {"kind": "other", "report_type": "unknown", "urgent": "false"},
    ]  # fmt: skip


def test_without_a_moment_nothing_is_known_of_it() -> None:
    values = values_of(Facts(Kind.OTHER))
    assert [values[name] for name in ("work_time", "workday", "hour", "date")] == [None] * 4
