"""Which unit a case goes to: the rules of the Nanjing folder, and the engine that reads them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.domain.city import City
from services.domain.entry import Problem
from services.domain.kinds import Channel, Kind, ReportType
from services.domain.places import Place
from services.domain.routing_rules import (
    Compiled,
    Decision,
    Facts,
    Held,
    Routed,
    Rules,
    compile_rules,
    decide,
)
from services.domain.rule_entries import Rule, When
from services.domain.unit_checks import problems
from services.domain.units import Roster

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
WAGE, JOB, ASK = Kind.WAGE_ARREARS, Kind.JOB_ASSISTANCE, Kind.INQUIRY

JIANGNING = Place(district="320115", confidence="certain", evidence="江宁区")
QIXIA = Place(district="320113", confidence="likely", evidence="栖霞区")
VAGUE = Place(confidence="unsure")
TWO = Place(confidence="unsure", evidence="江宁区、雨花台区")
GUESS = Place(district="320115", confidence="unsure", evidence="江宁区")
XUZHOU = Place(district="320302", confidence="certain", evidence="agent")

TABLE: list[tuple[Facts, str, str]] = [
    (Facts(WAGE, work=JIANGNING), "inspection-jiangning", "wage-by-work-place"),
    (Facts(WAGE, work=QIXIA, employer_place=JIANGNING), "inspection-qixia", "wage-by-work-place"),
    (Facts(WAGE, ReportType.REPORT, work=QIXIA), "inspection-qixia", "wage-by-work-place"),
    (Facts(WAGE, employer_place=JIANGNING), "inspection-jiangning", "wage-by-employer"),
    (Facts(WAGE, work=VAGUE, employer_place=QIXIA), "inspection-qixia", "wage-by-employer"),
    (Facts(WAGE, residence=JIANGNING), "held unsure_district", "wage-place-unknown"),
    (Facts(WAGE, work=VAGUE, employer_place=VAGUE), "held unsure_district", "wage-place-unknown"),
    (Facts(WAGE, work=TWO, employer_place=QIXIA), "held unsure_district", "wage-work-place-in-doubt"),
    (Facts(WAGE, work=GUESS, employer_place=QIXIA), "held unsure_district", "wage-work-place-in-doubt"),
    (Facts(WAGE, work=XUZHOU, employer_place=QIXIA), "held no_rule", "wage-by-work-place"),
    (Facts(JOB, residence=QIXIA, work=JIANGNING), "employment-qixia", "job-by-residence"),
    (Facts(JOB, work=JIANGNING), "held unsure_district", "job-residence-unknown"),
    (Facts(ASK, residence=JIANGNING), "employment-jiangning", "inquiry-by-residence"),
    (Facts(ASK, work=QIXIA), "employment-qixia", "inquiry-by-work-place"),
    (Facts(ASK), "held unsure_district", "inquiry-place-unknown"),
    (Facts(Kind.SOCIAL_HELP), "helpdesk-122", "social-help"),
    (Facts(Kind.SOCIAL_HELP, work=JIANGNING), "helpdesk-122", "social-help"),
    (Facts(Kind.THIRD_PARTY, residence=JIANGNING), "held no_rule", "by-hand"),
    (Facts(Kind.OTHER), "held no_rule", "by-hand"),
]


def outcome(decision: Decision) -> tuple[str, str]:
    if isinstance(decision, Routed):
        return decision.unit.id, decision.rule
    return f"held {decision.reason}", decision.facts_used.get("rule", "")


def rules(*entries: dict[str, Any]) -> Rules:
    said = {"zh": "规则", "en": "rule"}
    return compile_rules("t1", [Rule.model_validate(said | entry) for entry in entries], CITY.roster)


@pytest.mark.parametrize(("facts", "unit", "rule"), TABLE)
def test_a_case_goes_where_the_law_sends_it(facts: Facts, unit: str, rule: str) -> None:
    assert outcome(decide(CITY.routing, facts)) == (unit, rule)


@pytest.mark.parametrize("district", CITY.districts, ids=lambda district: district.pinyin)
def test_each_district_has_its_own_brigade_and_centre(district: Any) -> None:
    here = Place(district=district.code, confidence="certain")
    assert outcome(decide(CITY.routing, Facts(WAGE, work=here)))[0] == f"inspection-{district.pinyin}"
    assert outcome(decide(CITY.routing, Facts(JOB, residence=here)))[0] == f"employment-{district.pinyin}"


def test_a_decision_says_which_facts_it_used_and_under_which_version() -> None:
    decision = decide(CITY.routing, Facts(WAGE, work=VAGUE, employer_place=QIXIA))
    assert isinstance(decision, Routed)
    assert decision.facts_used == {
        "kind": "wage_arrears",
        "work_district": "unsure",
        "employer_district": "320113",
    }
    assert (decision.version, decision.district) == (CITY.rules_version, "320113")


def test_a_held_case_says_what_was_not_known() -> None:
    decision = decide(CITY.routing, Facts(WAGE, work=VAGUE))
    assert isinstance(decision, Held)
    assert decision.facts_used["work_district"] == "unsure"
    assert decision.facts_used["employer_district"] == "unknown"


def test_urgency_is_the_cases_own_and_social_help_is_always_urgent() -> None:
    found = [
        decide(CITY.routing, facts)
        for facts in (Facts(WAGE, work=QIXIA), Facts(WAGE, work=QIXIA, urgent=True), Facts(Kind.SOCIAL_HELP))
    ]
    assert [one.urgency for one in found if isinstance(one, Routed)] == ["normal", "urgent", "urgent"]


def test_a_unit_that_objected_is_not_asked_again() -> None:
    decision = decide(CITY.routing, Facts(WAGE, work=QIXIA), frozenset({"inspection-qixia"}))
    assert isinstance(decision, Held)
    assert (decision.reason, decision.facts_used["unit"]) == ("objected_again", "inspection-qixia")


def test_another_units_objection_changes_nothing() -> None:
    decision = decide(CITY.routing, Facts(WAGE, work=QIXIA), frozenset({"inspection-jiangning"}))
    assert outcome(decision)[0] == "inspection-qixia"


def test_a_rule_that_fails_holds_the_case_and_never_passes_it_to_the_next_rule() -> None:
    def fails(_: object) -> bool:
        raise RuntimeError("broken")

    broken = Compiled("broken", (("kind", fails),), None, "no_rule", None)
    decision = decide(replace(CITY.routing, rules=(broken, *CITY.routing.rules)), Facts(WAGE, work=QIXIA))
    assert decision == Held("rule_failed", {"rule": "broken", "kind": "wage_arrears"})


def test_without_a_rule_that_fits_a_person_decides() -> None:
    only = rules({"id": "jobs", "when": {"kind": "job_assistance"}, "hold": "no_rule"})
    assert outcome(decide(only, Facts(WAGE))) == ("held no_rule", "")


def test_the_first_rule_that_fits_wins() -> None:
    first = {"id": "first", "when": {"kind": "other"}, "hold": "unsure_district"}
    both = rules(first, first | {"id": "second", "hold": "no_rule"})
    assert outcome(decide(both, Facts(Kind.OTHER))) == ("held unsure_district", "first")


def test_a_closed_units_cases_go_to_its_successor_and_without_one_to_a_person() -> None:
    open_units = {unit.id: unit for unit in CITY.units}
    qixia = open_units["inspection-qixia"]
    for change, expected in (
        ({"successor": "inspection-xuanwu"}, "inspection-xuanwu"),
        ({"closed": True}, "held unit_unavailable"),
    ):
        units = (open_units | {qixia.id: qixia.model_copy(update=change)}).values()
        changed = compile_rules("t1", CITY.rules, Roster.of(tuple(units)))
        assert outcome(decide(changed, Facts(WAGE, work=QIXIA)))[0] == expected


CONDITIONS: list[tuple[dict[str, object], Facts, bool]] = [
    ({"kind": ["other", "inquiry"]}, Facts(ASK), True),
    ({"kind": ["other", "inquiry"]}, Facts(WAGE), False),
    ({"report_type": "report"}, Facts(WAGE, ReportType.REPORT), True),
    ({"report_type": {"known": False}}, Facts(WAGE), True),
    ({"report_type": {"known": True}}, Facts(WAGE), False),
    ({"urgent": True}, Facts(WAGE, urgent=True), True),
    ({"urgent": False}, Facts(WAGE, urgent=True), False),
    ({"channel": ["voicemail", "sms"]}, Facts(WAGE, channel=Channel.SMS), True),
    ({"work_district": "320115"}, Facts(WAGE, work=JIANGNING), True),
    ({"work_district": "320115"}, Facts(WAGE, work=GUESS), False),
    ({"work_district": ["320113", "320104"]}, Facts(WAGE, work=QIXIA), True),
    ({"residence_district": {"known": True}}, Facts(WAGE, residence=GUESS), False),
    ({"work_in_doubt": False}, Facts(WAGE, work=VAGUE), True),
    ({"tags": {"any": ["mass", "minor"]}}, Facts(WAGE, tags=("mass",)), True),
    ({"tags": {"any": ["mass"]}}, Facts(WAGE), False),
    ({"tags": {"all": ["mass", "minor"]}}, Facts(WAGE, tags=("mass",)), False),
    ({"tags": {"none": ["mass"]}}, Facts(WAGE, tags=("mass",)), False),
    ({"workers_affected": {"min": 10}}, Facts(WAGE, workers_affected=10), True),
    ({"workers_affected": {"min": 10}}, Facts(WAGE), False),
    ({"amount_owed_fen": {"min": 1, "max": 100}}, Facts(WAGE, amount_owed_fen=101), False),
    ({"amount_owed_fen": {"known": False}}, Facts(WAGE), True),
    ({"kind": "inquiry", "urgent": True}, Facts(ASK), False),
    ({}, Facts(WAGE), True),
]


@pytest.mark.parametrize(("when", "facts", "fits"), CONDITIONS)
def test_conditions_mean_what_the_file_says(when: dict[str, object], facts: Facts, fits: bool) -> None:
    one = rules({"id": "one", "when": when, "hold": "unit_unavailable"})
    assert (outcome(decide(one, facts))[0] == "held unit_unavailable") is fits


def test_every_condition_is_about_a_fact_that_the_router_has() -> None:
    for field in When.model_fields:
        one = Compiled("one", ((field, lambda _: True),), None, "unit_unavailable", None)
        assert outcome(decide(Rules("t1", (one,), CITY.roster), Facts(WAGE)))[0] == "held unit_unavailable"


def test_two_open_units_for_one_district_are_a_mistake() -> None:
    second = CITY.unit("inspection-qixia").model_copy(update={"id": "inspection-second"})
    found = list(problems((*CITY.units, second), {"320113": "栖霞区"}))
    assert any(isinstance(one, Problem) and "several units" in one.en for one in found)
