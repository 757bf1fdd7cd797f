"""The two tables of a task's life, and what a step says."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.domain.events import OutcomeReported, TaskAccepted, TaskObjected, TaskProgressed
from services.kernel.tasks.actions import (
    STEP_OF,
    Acceptance,
    Completion,
    Objection,
    Progress,
    Said,
    event_of,
    step_of,
)
from services.kernel.tasks.due import due_of
from services.kernel.tasks.life import (
    FINISHED,
    STATE_NAMES,
    STEP_NAMES,
    TABLE,
    WAITING,
    WORKING,
    State,
    Step,
    Turn,
    after,
    possible_steps,
    sources,
)
from services.kernel.tasks.worklist import STATES, TAB_OF, Tab

NOW = datetime(2026, 9, 30, 7, tzinfo=UTC)
CASE = UUID(int=5)


def said(words: Said, by: str = "10543") -> object:
    def seal(audience: str, field: str, text: str) -> str:
        return f"{audience}.k1.{field}{len(text)}"

    return event_of(words, CASE, "inspection-gulou", "t-1", NOW, by, seal)


def test_every_state_is_waiting_working_or_finished_and_has_its_names() -> None:
    assert {*WAITING, *WORKING, *FINISHED} == set(State)
    assert set(STATE_NAMES) == set(State)
    assert set(STEP_NAMES) == set(Step)


def test_nothing_leads_out_of_a_finished_task() -> None:
    assert not [row for row in TABLE if row[0] in FINISHED]
    assert all(possible_steps(state) == () for state in FINISHED)


def test_no_step_leads_back() -> None:
    order = {state: rank for rank, group in enumerate((WAITING, WORKING, FINISHED)) for state in group}
    assert all(order[after] >= order[before] for (before, _), after in TABLE.items())


def test_every_open_task_can_be_completed_objected_to_and_withdrawn() -> None:
    deeds: list[Step | Turn] = [Step.COMPLETE, Step.OBJECT, Turn.WITHDRAW]
    for state, deed in product((*WAITING, *WORKING), deeds):
        assert after(state, deed) is not None


def test_accepting_twice_is_impossible() -> None:
    assert after(State.ACCEPTED, Step.ACCEPT) is None
    assert after(State.IN_PROGRESS, Step.ACCEPT) is None


def test_only_what_waits_to_be_sent_can_be_given_up() -> None:
    assert sources(Turn.GIVE_UP) == (State.OPEN,)


def test_the_next_legal_step_comes_first() -> None:
    assert possible_steps(State.DELIVERED)[0] is Step.ACCEPT
    assert possible_steps(State.ACCEPTED)[0] is Step.COMPLETE


def test_every_state_stands_in_exactly_one_list() -> None:
    assert set(TAB_OF) == set(State)
    assert sum(len(states) for states in STATES.values()) == len(State)
    assert set(STATES) == set(Tab)


def test_each_kind_of_words_is_one_step() -> None:
    assert set(STEP_OF.values()) == set(Step)
    assert step_of(Progress(step="site_visit")) is Step.PROGRESS


def test_an_acceptance_names_the_officer_by_number() -> None:
    event = said(Acceptance(officer="10543"))
    assert isinstance(event, TaskAccepted)
    assert (event.officer, event.by, event.unit, event.task) == ("10543", "10543", "inspection-gulou", "t-1")


def test_notes_are_sealed_for_those_who_act_and_summaries_for_those_who_tell() -> None:
    objected, progressed, outcome = (
        said(Objection(reason="other", note="一二三")),
        said(Progress(step="site_visit", note="一二")),
        said(Completion(outcome="paid", summary="一")),
    )
    assert isinstance(objected, TaskObjected)
    assert isinstance(progressed, TaskProgressed)
    assert isinstance(outcome, OutcomeReported)
    assert (objected.note, progressed.note) == ("task.k1.note3", "task.k1.note2")
    assert outcome.summary == "contact.k1.summary1"


@pytest.mark.parametrize(
    ("outcome", "resolved", "expected"),
    [("paid", None, True), ("unfounded", None, False), ("paid", False, False), ("other", True, True)],
)
def test_what_is_resolved_follows_the_outcome_unless_said(
    outcome: str, resolved: bool | None, expected: bool
) -> None:
    event = said(Completion(outcome=outcome, resolved=resolved))
    assert isinstance(event, OutcomeReported)
    assert event.resolved is expected


@pytest.mark.parametrize(
    ("given", "fen"),
    [
        ("8400", 840000),
        ("8,400.50", 840050),
        ("１２", 1200),
        (0.1, 10),
        (12000, 1200000),
        ("", None),
        (None, None),
    ],
)
def test_amounts_are_read_as_people_write_them(given: object, fen: int | None) -> None:
    event = said(Completion.model_validate({"outcome": "paid", "amount_recovered": given}))
    assert isinstance(event, OutcomeReported)
    assert event.amount_recovered_fen == fen


@pytest.mark.parametrize("given", ["1.234", "-1", "NaN", "Infinity", "1e3000", "万", True])
def test_what_is_no_amount_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        Completion.model_validate({"outcome": "paid", "amount_recovered": given})


@pytest.mark.parametrize("name", ["王秀英", "", "a b", "-1", "x" * 40])
def test_an_officer_is_a_number_and_not_a_name(name: str) -> None:
    given = {"officer": name}
    if name:
        with pytest.raises(ValidationError):
            Acceptance.model_validate(given)
    else:
        assert Acceptance.model_validate(given).officer is None


@pytest.mark.parametrize(
    ("left", "text", "level"),
    [
        (timedelta(days=5), "还剩 5 天", "good"), (timedelta(hours=30), "还剩 30 小时", "good"),
        (timedelta(hours=3), "还剩 3 小时", "warn"), (timedelta(minutes=90), "还剩 90 分钟", "warn"),
        (timedelta(seconds=10), "还剩 1 分钟", "warn"), (-timedelta(seconds=10), "逾期 1 分钟", "bad"),
        (-timedelta(hours=3), "逾期 3 小时", "bad"), (-timedelta(days=9), "逾期 9 天", "bad"),
    ],
)  # fmt: skip
def test_the_time_left_is_said_in_words(left: timedelta, text: str, level: str) -> None:
    due = due_of(NOW + left, NOW, "zh")
    assert due is not None
    assert (due.text, due.level) == (text, level)


def test_without_a_clock_nothing_is_due() -> None:
    assert due_of(None, NOW, "zh") is None
    late = due_of(NOW - timedelta(hours=3), NOW, "en")
    assert late is not None
    assert late.text == "overdue by 3 h"
