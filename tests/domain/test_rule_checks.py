"""A rule that no case reaches and a case without a rule are mistakes, found before anything is in force."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.domain.city import City
from services.domain.rule_checks import problems
from services.domain.rule_entries import Rule
from services.domain.units import Roster

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
NAMES = CITY.divisions.names()
REST = {"id": "rest", "when": {}, "hold": "no_rule"}
WAGE = {"kind": "wage_arrears"}


def found(*entries: dict[str, Any], roster: Roster = CITY.roster) -> Sequence[tuple[str, str]]:
    """Entry and reason of every mistake of these rules."""
    said = {"zh": "规则", "en": "rule"}
    rules = [
        Rule.model_validate(said | {"hold": "no_rule"} | one if "to" not in one else said | one)
        for one in entries
    ]
    return [(one.entry, one.en) for one in problems(rules, roster, NAMES)]


def test_the_rules_of_nanjing_have_neither() -> None:
    assert list(problems(CITY.rules, CITY.roster, NAMES)) == []


UNREACHABLE: list[tuple[list[dict[str, Any]], str]] = [
    ([{"when": WAGE}, {"when": WAGE | {"urgent": True}}], "r0 before it"),
    ([{"when": {"urgent": True}}, {"when": {"urgent": False}}, {"when": WAGE}], "r0, r1 before it"),
    ([{"when": {"hour": {"min": 8}}}, {"when": {"hour": 23}}], "r0 before it"),
    (
        [{"when": {"workers_affected": {"min": 10}}}, {"when": {"workers_affected": {"min": 20, "max": 30}}}],
        "r0",
    ),
    ([{"when": {"work_district": {"known": True}}}, {"when": {"work_district": "320115"}}], "r0 before it"),
    ([{"when": {"tags": {"any": ["mass", "minor"]}}}, {"when": {"tags": {"all": ["mass"]}}}], "r0 before it"),
    ([{"when": {"date": {"first": "2026-10-01"}}}, {"when": {"date": {"first": "2026-11-01"}}}], "r0"),
    ([{"when": {"cluster": {"known": True}}}, {"when": {"cluster": "mass"}}], "r0 before it"),
    ([{"when": {"work_in_doubt": True, "work_district": "320115"}}], "contradict"),
]


@pytest.mark.parametrize(("entries", "reason"), UNREACHABLE)
def test_a_rule_that_no_case_reaches_is_named_with_those_that_take_its_cases(
    entries: list[dict[str, Any]], reason: str
) -> None:
    numbered = [{"id": f"r{number}"} | one for number, one in enumerate(entries)]
    told = dict(found(*numbered, REST))
    assert told.keys() - {"rest"} == {numbered[-1]["id"]}
    assert reason in told[numbered[-1]["id"]]


REACHED: list[list[dict[str, Any]]] = [
    [{"when": WAGE | {"urgent": True}}, {"when": WAGE}],
    [{"when": {"hour": {"min": 8, "max": 17}}}, {"when": {"hour": {"min": 17}}}],
    [{"when": {"workers_affected": {"min": 20}}}, {"when": {"workers_affected": {"known": True}}}],
    [{"when": {"tags": {"all": ["mass", "minor"]}}}, {"when": {"tags": {"any": ["mass"]}}}],
    [{"when": {"work_district": ["320115", "320102"]}}, {"when": {"work_district": {"known": True}}}],
    [{"when": {"date": {"last": "2026-10-01"}}}, {"when": {"date": {"first": "2026-10-01"}}}],
    [{"when": {"report_type": {"known": True}}}, {"when": {"kind": ["other", "inquiry"]}}],
]


@pytest.mark.parametrize("entries", REACHED)
def test_a_rule_that_some_case_reaches_is_none(entries: list[dict[str, Any]]) -> None:
    told = found(*({"id": f"r{number}"} | one for number, one in enumerate(entries)), REST)
    assert [entry for entry, _ in told if entry != "rest"] == []


def test_a_district_without_a_rule_is_named_for_each_kind_of_case() -> None:
    others = [code for code in NAMES if code != "320113"]
    rest = {
        "id": "rest",
        "when": {"kind": ["job_assistance", "inquiry", "social_help", "third_party", "other"]},
    }
    assert found({"id": "most", "when": WAGE | {"work_district": others}}, rest) == [
        ("拖欠工资", "some cases have no rule (place of employment: 栖霞区)")
    ]


def test_a_kind_without_a_rule_is_named() -> None:
    assert found({"id": "wage", "when": WAGE}, {"id": "x", "when": {"kind": ["inquiry", "other"]}}) == [
        ("就业援助", "some cases have no rule"), ("社会救助", "some cases have no rule"),
        ("第三方请求", "some cases have no rule"),
    ]  # fmt: skip


def test_a_rule_by_district_needs_a_unit_in_each_district_that_comes_to_it() -> None:
    units = [one for one in CITY.units if one.id != "employment-qixia"]
    rule = {"id": "jobs", "when": {"residence_district": {"known": True}},
            "to": {"service": "employment", "by": "residence"}}  # fmt: skip
    told = found(rule, REST, roster=Roster.of(units))
    assert told == [("jobs", "no unit of employment in 栖霞区")]
    before = {"id": "qixia", "when": {"residence_district": "320113"}}
    assert found(before, rule, REST, roster=Roster.of(units)) == []


def test_rules_that_name_very_many_tags_are_let_through_unlooked_at() -> None:
    many = {"any": [f"tag_{number}" for number in range(9)]}
    assert found({"id": "many", "when": {"tags": many}}) == []
