"""The life of a case, as the officials' table says it, whatever order facts arrive in."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.events import EVENTS, CallerInformed, CaseClosed
from services.domain.life import (
    ACTION_NAMES,
    ACTIONS,
    STATUS_NAMES,
    TRANSITIONS,
    Action,
    Status,
    after,
    allowed_actions,
    follow,
    require,
)
from services.domain.refusals import Refusal

CASE = UUID("01980a3c-6d2e-7c41-9b5f-2f4a6c8e0d13")
EVE = datetime(2026, 2, 15, 15, 42, tzinfo=UTC)
ORDER = [
    Status.RECEIVED,
    Status.HELD,
    Status.OBJECTED,
    Status.ROUTED,
    Status.DELIVERED,
    Status.ACCEPTED,
    Status.IN_PROGRESS,
    Status.ANSWERED,
    Status.RESOLVED,
    Status.TOLD,
    Status.CLOSED,
]
TAKING_BACK = {"TaskObjected", "CaseHeld", "CaseReopened"}
DONE = {Status.ANSWERED, Status.RESOLVED, Status.TOLD, Status.CLOSED}

statuses = st.sampled_from(Status)
facts = st.sampled_from(sorted(EVENTS))


def run(*names: str, start: Status = Status.RECEIVED) -> Status:
    status = start
    for name in names:
        status = after(status, name)
    return status


def test_a_wage_case_goes_from_received_to_closed() -> None:
    path = [
        "CaseRouted",
        "TaskDelivered",
        "TaskAccepted",
        "TaskProgressed",
        "OutcomeReported",
        "CallerInformed",
    ]
    seen = [run("CaseReceived", *path[:length]) for length in range(len(path) + 1)]
    assert seen == ["received", "routed", "delivered", "accepted", "in_progress", "resolved", "told"]
    assert run("CaseReceived", *path, "CaseClosed") is Status.CLOSED


def test_an_inquiry_is_answered_told_and_closed() -> None:
    assert run("AnswerGiven") is Status.ANSWERED
    assert run("AnswerGiven", "CallerInformed") is Status.TOLD
    assert run("AnswerGiven", "CallerInformed", "CaseClosed") is Status.CLOSED


def test_a_case_that_comes_back_is_routed_again_or_held_for_a_person() -> None:
    back = ("CaseRouted", "TaskDelivered", "TaskObjected")
    assert run(*back) is Status.OBJECTED
    assert run(*back, "CaseRouted") is Status.ROUTED
    assert run(*back, "CaseHeld") is Status.HELD
    assert run(*back, "CaseHeld", "CaseRouted") is Status.ROUTED


def test_an_accepted_case_whose_unit_finds_it_is_not_its_own_comes_back() -> None:
    assert run("CaseRouted", "TaskAccepted", "TaskProgressed", "TaskObjected") is Status.OBJECTED


def test_a_case_whose_unit_can_no_longer_take_it_waits_for_a_person() -> None:
    assert run("CaseRouted", "CaseHeld") is Status.HELD
    assert run("CaseRouted", "TaskAccepted", "CaseHeld") is Status.HELD


def test_a_delivery_confirmed_after_the_acceptance_changes_nothing() -> None:
    assert run("CaseRouted", "TaskAccepted", "TaskDelivered") is Status.ACCEPTED
    assert run("CaseRouted", "TaskProgressed", "TaskAccepted", "TaskDelivered") is Status.IN_PROGRESS


def test_an_agents_answer_does_not_end_the_work_of_a_unit_that_accepted() -> None:
    assert run("CaseRouted", "TaskAccepted", "AnswerGiven", "CallerInformed") is Status.ACCEPTED


def test_a_closed_case_opens_again_only_as_received() -> None:
    assert run("CaseReopened", start=Status.CLOSED) is Status.RECEIVED
    assert run("CaseReopened", "OutcomeReported", start=Status.CLOSED) is Status.RECEIVED


@given(statuses, st.lists(facts | st.text()))
def test_no_sequence_of_facts_leads_out_of_the_table(start: Status, names: list[str]) -> None:
    assert isinstance(run(*names, start=start), Status)


@given(st.lists(facts.filter(lambda name: name != "CaseReopened")))
def test_a_closed_case_stays_closed_whatever_arrives_late(names: list[str]) -> None:
    assert run(*names, start=Status.CLOSED) is Status.CLOSED


@given(statuses, facts)
def test_a_fact_told_twice_moves_a_case_once(start: Status, name: str) -> None:
    assert run(name, name, start=start) is run(name, start=start)


@given(statuses, facts.filter(lambda name: name not in TAKING_BACK))
def test_only_three_facts_ever_take_a_case_back(start: Status, name: str) -> None:
    assert ORDER.index(after(start, name)) >= ORDER.index(start)


@given(st.sampled_from(sorted(DONE)), st.lists(facts.filter(lambda name: name != "CaseReopened")))
def test_nothing_but_reopening_undoes_an_answer_or_an_outcome(start: Status, names: list[str]) -> None:
    assert run(*names, start=start) in DONE


@given(st.lists(facts))
def test_a_late_delivery_acceptance_or_step_never_finishes_a_case(names: list[str]) -> None:
    before = run(*names)
    for late in ("TaskDelivered", "TaskAccepted", "TaskProgressed"):
        assert after(before, late) not in DONE - {before}


@given(statuses)
def test_every_status_can_still_reach_closed(start: Status) -> None:
    assert run("CaseClosed", start=start) is Status.CLOSED


def test_the_table_speaks_of_real_events_and_every_status_is_reached() -> None:
    assert {name for _, name in TRANSITIONS} <= set(EVENTS)
    assert {*TRANSITIONS.values()} == set(Status)
    assert all(source is not target for (source, _), target in TRANSITIONS.items())


@pytest.mark.parametrize(
    ("about", "expected"), [("received", Status.RESOLVED), ("outcome", Status.TOLD), ("answer", Status.TOLD)]
)
def test_telling_that_a_case_was_received_is_not_telling_its_result(
    about: Literal["received", "outcome", "answer"], expected: Status
) -> None:
    told = CallerInformed(case_id=CASE, at=EVE, channel="sms", about=about)
    assert follow(Status.RESOLVED, told) is expected


def test_an_event_moves_a_case_as_its_name_does() -> None:
    assert follow(Status.TOLD, CaseClosed(case_id=CASE, at=EVE, reason="told")) is Status.CLOSED


def test_a_closed_case_can_only_be_noted_on_and_reopened() -> None:
    assert allowed_actions(Status.CLOSED) == {Action.NOTE, Action.REOPEN}


@pytest.mark.parametrize("status", Status)
def test_an_action_that_changes_the_status_is_allowed_only_where_the_table_has_its_row(
    status: Status,
) -> None:
    allowed = allowed_actions(status)
    assert (Action.CLOSE in allowed) == ((status, "CaseClosed") in TRANSITIONS)
    assert (Action.REOPEN in allowed) == ((status, "CaseReopened") in TRANSITIONS)
    assert (Action.ANSWER in allowed) == (status not in DONE - {Status.ANSWERED})


def test_closing_a_closed_case_is_refused_in_both_languages() -> None:
    with pytest.raises(Refusal) as refused:
        require(Status.CLOSED, Action.CLOSE)
    assert refused.value.code == "action-not-allowed"
    assert refused.value.zh == "案件目前状态为“已办结”，不能办结。"
    assert refused.value.en == 'The case stands at "Closed" and cannot be closed.'
    require(Status.CLOSED, Action.REOPEN)


def test_every_status_and_action_has_a_name_in_both_languages() -> None:
    assert set(STATUS_NAMES) == set(ACTIONS) == set(Status)
    assert set(ACTION_NAMES) == set(Action)
    assert all(name.zh and name.en for name in (*STATUS_NAMES.values(), *ACTION_NAMES.values()))
