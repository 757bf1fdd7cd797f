"""What events do to a case: its timeline, its status, its columns, and what the caller must hear."""

import sqlite3
from typing import Any

import pytest

from services.domain.events import (
    EVENTS,
    CallerUnreachable,
    CaseClosed,
    CaseErased,
    CaseHeld,
    TaskUndeliverable,
)
from services.intake.handlers import HANDLERS
from tests.intake.happenings import OTHER, UNIT, Course
from tests.intake.hotline import Hotline


def case_row(desk: Hotline) -> sqlite3.Row:
    return desk.rows("SELECT * FROM intake_case")[0]


def test_every_event_is_heard() -> None:
    assert set(HANDLERS) == set(EVENTS.values())


async def test_a_case_goes_its_way_and_closes_when_the_caller_was_told(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    seen = []
    for event in (
        course.routed(), course.delivered(), course.accepted(), course.progressed(), course.outcome(),
        course.informed("received"), course.informed(),
    ):  # fmt: skip
        await desk.hear(event)
        seen.append(case_row(desk)["status"])
    assert seen == ["routed", "delivered", "accepted", "in_progress", "resolved", "resolved", "closed"]
    row = case_row(desk)
    assert (row["unit"], row["unit_district"], row["rule"]) == (UNIT, "320115", "wage-by-work-place")
    assert (row["outcome"], row["resolved"], row["amount_recovered_fen"]) == ("paid", 1, 840050)
    assert row["delivered_at"].startswith("2026-01-26 09:02")
    assert row["informed_at"].startswith("2026-01-26 09:07")
    assert row["closed_at"] == row["informed_at"]
    [closed] = desk.outbox("CaseClosed")
    assert CaseClosed.model_validate_json(closed["body"]).reason == "told"
    types = [entry["type"] for entry in (await desk.show(made["case_id"]))["timeline"]]
    assert types == [
        "CaseReceived", "CaseRouted", "TaskDelivered", "TaskAccepted", "TaskProgressed", "OutcomeReported",
        "CallerInformed", "CallerInformed", "CaseClosed",
    ]  # fmt: skip


async def test_a_whole_course_in_one_batch_ends_the_same(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await desk.hear(
        course.routed(), course.delivered(), course.accepted(), course.progressed(), course.outcome(),
        course.informed(),
    )  # fmt: skip
    row = case_row(desk)
    assert (row["status"], row["outcome"], row["unit"]) == ("closed", "paid", UNIT)
    assert desk.count("intake_timeline") == 8
    assert len(desk.outbox("CaseClosed")) == 1


async def test_a_unit_that_is_heard_before_the_router_moves_the_case_all_the_same(desk: Hotline) -> None:
    """A broker was lost, and its log filled again while the units went on (chaos, scaled, seed 5)."""
    course = Course(desk, await desk.create())
    for event in (
        course.delivered(), course.accepted(), course.outcome(), course.routed(), course.informed(),
    ):  # fmt: skip
        await desk.hear(event)
    row = case_row(desk)
    assert (row["status"], row["outcome"], row["unit"], row["rule"]) == (
        "closed", "paid", UNIT, "wage-by-work-place"
    )  # fmt: skip


async def test_a_caller_who_was_told_before_we_hear_of_the_outcome_closes_the_case(desk: Hotline) -> None:
    course = Course(desk, await desk.create())
    outcome, informed = course.outcome(), course.informed()
    for event in (course.routed(), course.delivered(), informed, outcome):
        await desk.hear(event)
    row = case_row(desk)
    assert (row["status"], row["outcome"], row["closed_at"]) == ("closed", "paid", row["informed_at"])
    assert len(desk.outbox("CaseClosed")) == 1


async def test_a_partner_that_is_done_closes_nothing(desk: Hotline) -> None:
    made = await desk.create()
    await Course(desk, made).until_resolved()
    assert case_row(desk)["status"] == "resolved"
    assert desk.outbox("CaseClosed") == []


async def test_an_objection_gives_the_case_back_and_another_unit_takes_it(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await desk.hear(course.routed(), course.delivered(), course.objected())
    assert case_row(desk)["status"] == "objected"
    await desk.hear(course.routed(OTHER, bounces=1), course.delivered(OTHER))
    row = case_row(desk)
    assert (row["status"], row["unit"], row["bounces"]) == ("delivered", OTHER, 1)
    assert row["delivered_at"].startswith("2026-01-26 09:02"), "when a unit first had it"


async def test_a_unit_that_the_case_has_left_moves_nothing(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await desk.hear(course.routed(), course.delivered(), course.objected(), course.routed(OTHER, bounces=1))
    await desk.hear(course.accepted(), course.progressed(), course.outcome())
    row = case_row(desk)
    assert (row["status"], row["outcome"]) == ("routed", None)
    assert desk.count("intake_timeline") == 8, "but it is written down"


async def test_late_facts_move_nothing_back(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await desk.hear(course.routed(), course.accepted(), course.delivered())
    assert case_row(desk)["status"] == "accepted"
    await desk.hear(course.outcome(), course.informed(), course.progressed(), course.outcome())
    row = case_row(desk)
    assert row["status"] == "closed"
    assert len(desk.outbox("CaseClosed")) == 1


async def test_what_nobody_can_be_told_is_on_the_web_at_once(desk: Hotline) -> None:
    made = await desk.create(caller={"anonymous": True})
    await Course(desk, made).until_resolved()
    assert case_row(desk)["told_by"] == "nobody"
    assert case_row(desk)["status"] == "closed"
    said = [row["type"] for row in desk.outbox()]
    assert said == ["CaseReceived", "CallerInformed", "CaseClosed"]
    assert '"channel":"web"' in desk.outbox("CallerInformed")[0]["body"].decode()


async def test_a_caller_who_cannot_be_reached_closes_the_case(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await desk.hear(CallerUnreachable(**course.now(), channel="sms", attempts=1))
    assert case_row(desk)["status"] == "received", "there was nothing to tell yet"
    await course.until_resolved()
    await desk.hear(CallerUnreachable(**course.now(), channel="callback", attempts=3))
    [closed] = desk.outbox("CaseClosed")
    assert CaseClosed.model_validate_json(closed["body"]).reason == "unreachable"


async def test_news_of_an_interim_answer_does_not_close_what_a_unit_works_on(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await desk.hear(course.routed(), course.accepted())
    await desk.api("POST", f"/api/cases/{made['case_id']}/answer", {"text": "正在办理"})
    await desk.hear(course.informed("answer"))
    assert case_row(desk)["status"] == "accepted"
    await desk.hear(course.outcome(), course.informed("answer"))
    assert case_row(desk)["status"] == "resolved", "the outcome itself was not told yet"
    await desk.hear(course.informed("outcome"))
    assert case_row(desk)["status"] == "closed"


@pytest.mark.parametrize(
    ("reason", "status"), [("no_rule", "held"), ("unsure_district", "held"), ("a_new_reason", "held")]
)
async def test_a_held_case_waits_for_a_person(desk: Hotline, reason: str, status: str) -> None:
    made = await desk.create()
    await desk.hear(CaseHeld(**Course(desk, made).now(), reason=reason, facts={"kind": "other"}))
    assert case_row(desk)["status"] == status


async def test_events_of_a_case_that_is_not_here_are_only_written_down(desk: Hotline) -> None:
    made = await desk.create()
    elsewhere: dict[str, Any] = made | {"case_id": "019bf988-0680-73ac-8f21-000000000000"}
    course = Course(desk, elsewhere)
    gone = TaskUndeliverable(**course.now(), unit=UNIT, task="t-1", reason="given_up")
    await desk.hear(course.routed(), course.outcome(), course.informed(), gone)
    assert desk.count("intake_case") == 1
    assert case_row(desk)["status"] == "received"


async def test_an_erasure_leaves_the_counts_and_nothing_that_was_said(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await course.until_resolved()
    await desk.api("POST", f"/api/cases/{made['case_id']}/notes", {"text": "来电人情绪激动"})
    await desk.hear(CaseErased(**course.now()))
    row = case_row(desk)
    assert (row["identity"], row["record"], row["phone_index"]) == (None, None, None)
    assert (row["outcome"], row["amount_recovered_fen"], row["work_district"]) == ("paid", 840050, "320115")
    assert not [r for r in desk.rows("SELECT details FROM intake_timeline") if "contact." in r[0]]
    assert not [r for r in desk.rows("SELECT details FROM intake_timeline") if "task." in r[0]]
    shown = await desk.show(made["case_id"])
    assert shown["record"] is None
    assert [entry["words"] for entry in shown["timeline"]] == [None] * len(shown["timeline"])
    again = await desk.api("POST", f"/api/cases/{made['case_id']}/correct", {"urgent": True})
    assert again.json()["type"] == "/problems/erased"
