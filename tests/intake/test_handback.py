"""A unit hands a matter back: a case of its own, with the caller, linked, and routed by the rules."""

import json
from typing import Any

from services.domain.events import CaseErased, TaskProgressed
from tests.intake.happenings import Course
from tests.intake.hotline import NAME, PHONE, Hotline

DESK = "helpdesk-122"
NOTE = "求助人说工地还欠两个月工资，共一万二。"
WHO = "张警官（警号012345）"


def back(course: Course, note: str = NOTE, unit: str = DESK, **said: object) -> TaskProgressed:
    given: dict[str, Any] = {
        "unit": unit, "task": "t-1", "by": "6001", "step": "handed_back", "hand_back": "wage_arrears",
        "note": course.sealed("task", "note", note),
    }  # fmt: skip
    return TaskProgressed.model_validate(course.now() | given | said)


async def helped(
    desk: Hotline, kind: str = "social_help", **changes: object
) -> tuple[dict[str, Any], Course]:
    """A case that the 122 desk has accepted."""
    made = await desk.create(kind=kind, **changes)  # type: ignore[arg-type]
    course = Course(desk, made)
    await desk.hear(course.routed(DESK))
    await desk.hear(course.delivered(DESK), course.accepted(DESK), source="helpdesk_adapter")
    return made, course


async def parts(desk: Hotline, made: dict[str, Any]) -> list[dict[str, Any]]:
    return [await desk.show(one["case_id"]) for one in (await desk.show(made["case_id"]))["parts"]]


async def test_the_part_is_a_wage_case_with_caller_employer_and_the_whole_record(desk: Hotline) -> None:
    made, course = await helped(desk, text="被赶出宿舍，没有地方住。")
    await desk.hear(back(course), source="helpdesk_adapter")
    [part] = await parts(desk, made)
    assert (part["kind"], part["report_type"]) == ("wage_arrears", "complaint")
    assert part["record"]["text"] == f"{NOTE}\n\n被赶出宿舍，没有地方住。"
    assert part["record"]["caller"]["name"] == NAME
    assert part["parent"]["number"] == made["number"]
    received = [json.loads(row["body"]) for row in desk.outbox("CaseReceived")]
    assert received[1]["parent"] == made["case_id"]
    assert received[1]["work"]["district"] == "320115"  # the rules know where to send it
    assert received[1]["contact"]  # and the caller gets its number
    whole = await desk.show(made["case_id"])
    assert whole["status"] == "in_progress"  # the desk goes on
    told = [line["text"] for line in whole["timeline"]]
    assert any("交回劳动部门办理：拖欠工资" in text for text in told), told
    assert any("分出一件：拖欠工资" in text for text in told)
    assert not any(PHONE.encode() in bytes(row["body"]) for row in desk.outbox())


async def test_f18_the_case_waits_for_what_was_handed_back(desk: Hotline) -> None:
    made, course = await helped(desk)
    await desk.hear(back(course), source="helpdesk_adapter")
    await desk.hear(course.outcome(DESK), source="helpdesk_adapter")
    await desk.hear(course.informed(), source="notifier")
    assert (await desk.show(made["case_id"]))["status"] == "told"
    [part] = await parts(desk, made)
    other = Course(desk, part)
    await other.until_resolved()
    await desk.hear(other.informed(), source="notifier")
    assert (await desk.show(made["case_id"]))["status"] == "closed"


async def test_a_unit_that_the_case_has_left_hands_nothing_back(desk: Hotline) -> None:
    made, course = await helped(desk)
    await desk.hear(back(course, unit="inspection-gulou"), source="inspection_adapter")
    assert await parts(desk, made) == []


async def test_a_report_stays_a_report_and_of_another_kind_nobody_learns_who_called(desk: Hotline) -> None:
    for kind, report_type in (("wage_arrears", "report"), ("job_assistance", None)):
        made, course = await helped(desk, kind="wage_arrears", report_type="report")
        await desk.hear(back(course, hand_back=kind), source="helpdesk_adapter")
        received = json.loads(desk.outbox("CaseReceived")[-1]["body"])
        assert (received["kind"], received["report_type"]) == (kind, report_type)
        record = desk.keyring.open(received["record"], received["case_id"], "record")
        assert NAME not in record
        assert PHONE not in record
        assert received["contact"] is None
        assert made["case_id"] == received["parent"]


async def test_a_record_that_is_too_long_for_both_keeps_what_the_unit_said(desk: Hotline) -> None:
    made, course = await helped(desk, text="长" * 5900)
    await desk.hear(back(course, note="欠" * 1900), source="helpdesk_adapter")
    [part] = await parts(desk, made)
    assert part["record"]["text"] == "欠" * 1900


async def test_an_erased_case_hands_nothing_back(desk: Hotline) -> None:
    made, course = await helped(desk)
    event = back(course)
    await desk.hear(CaseErased.model_validate(course.now()), source="intake")
    await desk.hear(event, source="helpdesk_adapter")
    assert await parts(desk, made) == []
    assert made["number"]


async def test_who_took_over_is_told_to_staff_alone_and_forgotten_with_the_case(desk: Hotline) -> None:
    made, course = await helped(desk)
    person = course.sealed("task", "taken_over_by", WHO)
    over = back(
        course, step="taken_over", hand_back=None, referred_to="police", taken_over_by=person,
        taken_over_at="2026-01-26T09:04:00Z",
    )  # fmt: skip
    await desk.hear(over, source="helpdesk_adapter")
    line = (await desk.show(made["case_id"]))["timeline"][-1]
    assert "2026-01-26 17:04 由公安机关接手" in line["text"]
    assert line["words"] == f"{WHO}：{NOTE}"
    await desk.hear(CaseErased.model_validate(course.now()), source="intake")
    assert desk.rows("SELECT * FROM intake_timeline WHERE details LIKE '%taken_over_by%'") == []
