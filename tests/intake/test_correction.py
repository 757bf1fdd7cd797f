"""Putting a record right: everybody hears what changed, and nothing leaves intake that should not."""

import json
from typing import Any

from services.domain.events import CaseCorrected
from tests.intake.happenings import Course
from tests.intake.hotline import NAME, PHONE, WAGE, Hotline


async def correct(desk: Hotline, made: dict[str, Any], **body: object) -> dict[str, Any]:
    answer = await desk.api("POST", f"/api/cases/{made['case_id']}/correct", body)
    result: dict[str, Any] = answer.json()
    return result | {"code": answer.status_code}


def said(desk: Hotline) -> CaseCorrected:
    return CaseCorrected.model_validate_json(desk.outbox("CaseCorrected")[-1]["body"])


async def test_a_place_is_put_right_and_only_that_is_said(desk: Hotline) -> None:
    made = await desk.create()
    assert (await correct(desk, made, employer={"work_address": "秦淮区夫子庙"}))["code"] == 200
    event = said(desk)
    assert event.changed == ("work", "record")
    assert event.work is not None
    assert event.work.district == "320104"
    assert event.kind is None
    assert event.record is not None
    record = json.loads(desk.keyring.open(event.record, event.case_id, "record"))
    assert record["employer"]["work_address"] == "秦淮区夫子庙"
    assert record["text"] == WAGE["text"]
    shown = await desk.show(made["case_id"])
    assert shown["work_district"] == "320104"
    assert shown["record"]["employer"]["name"] == WAGE["employer"]["name"]
    assert shown["timeline"][-1]["text"] == "登记内容已更正：用工地、诉求记录"


async def test_a_new_number_goes_to_who_tells_the_caller(desk: Hotline) -> None:
    made = await desk.create()
    await correct(desk, made, caller={"phone": "025-84567890"})
    event = said(desk)
    assert set(event.changed) == {"record", "contact"}
    assert event.contact is not None
    contact = json.loads(desk.keyring.open(event.contact, event.case_id, "contact"))
    assert (contact["name"], contact["phone_kind"]) == (NAME, "landline")
    assert contact["code"] == made["tracking_code"]
    for phone, found in ((PHONE, 0), ("02584567890", 1)):
        answer = await desk.api("POST", "/api/cases/search", {"phone": phone})
        assert len(answer.json()["cases"]) == found


async def test_a_first_number_is_the_notifiers_and_of_a_report_intakes(desk: Hotline) -> None:
    for report_type, told_by in (("complaint", "notifier"), ("report", "intake")):
        made = await desk.create(caller=None, report_type=report_type)
        assert (await correct(desk, made, caller={"phone": PHONE}))["code"] == 200
        assert (said(desk).contact is not None) is (told_by == "notifier")
        assert desk.rows("SELECT told_by FROM intake_case ORDER BY rowid DESC")[0]["told_by"] == told_by


async def test_who_is_telling_the_result_already_goes_on(desk: Hotline) -> None:
    made = await desk.create(report_type="report")
    await Course(desk, made).until_resolved()
    await correct(desk, made, report_type="complaint", caller={"phone": "025-84567890"})
    assert said(desk).contact is None
    assert desk.rows("SELECT told_by FROM intake_case")[0]["told_by"] == "intake"
    assert desk.rows("SELECT state FROM intake_callback")[0]["state"] == "due"


async def test_kind_and_urgency_and_money_are_put_right(desk: Hotline) -> None:
    made = await desk.create()
    await correct(desk, made, kind="social_help", urgent=True, amount_owed=0, text="被困在车站")
    event = said(desk)
    assert event.changed == ("kind", "report_type", "urgent", "record")
    assert (event.kind, event.report_type, event.urgent) == ("social_help", None, True)
    row = desk.rows("SELECT * FROM intake_case")[0]
    assert (row["kind"], row["report_type"], row["amount_owed_fen"]) == ("social_help", None, 0)


async def test_a_complaint_does_not_become_confidential_afterwards(desk: Hotline) -> None:
    made = await desk.create()
    refused = await correct(desk, made, report_type="report")
    assert (refused["code"], refused["type"]) == (422, "/problems/complaint-not-confidential")


async def test_a_report_opens_up_only_when_that_is_asked_for(desk: Hotline) -> None:
    made = await desk.create(report_type="report")
    refused = await correct(desk, made, kind="inquiry")
    assert (refused["code"], refused["type"]) == (422, "/problems/report-stays-confidential")
    await correct(desk, made, employer={"work_district": "320106"})
    record = json.loads(desk.keyring.open(said(desk).record or "", said(desk).case_id, "record"))
    assert record["caller"] is None
    await correct(desk, made, report_type="complaint")
    record = json.loads(desk.keyring.open(said(desk).record or "", said(desk).case_id, "record"))
    assert record["caller"]["name"] == NAME
    assert said(desk).contact is not None, "now the notifier may know whom to tell"
    assert desk.rows("SELECT told_by FROM intake_case")[0]["told_by"] == "notifier"


async def test_what_changes_nothing_or_cannot_be_is_refused(desk: Hotline) -> None:
    made = await desk.create()
    for body, slug in (
        ({}, "nothing-to-correct"),
        ({"amount_owed": 8400.5}, "nothing-to-correct"),
        ({"caller": {"phone": "1385146729"}}, "phone-length"),
        ({"caller": {"phone": "12"}, "employer": {"uscc": "1"}}, "invalid-request"),
        ({"number": "x"}, "invalid-request"),
        ({"text": ""}, "invalid-request"),
    ):
        answer = await correct(desk, made, **body)
        assert (answer["code"], answer["type"]) == (422, f"/problems/{slug}")
    assert desk.outbox("CaseCorrected") == []


async def test_a_closed_case_is_not_corrected(desk: Hotline) -> None:
    made = await desk.create()
    await desk.api("POST", f"/api/cases/{made['case_id']}/close", {"reason": "withdrawn"})
    refused = await correct(desk, made, urgent=True)
    assert (refused["code"], refused["type"]) == (409, "/problems/action-not-allowed")
