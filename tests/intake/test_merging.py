"""The same matter of the same caller, written down twice, goes on as one; nobody else's does."""

import json
import random
from typing import Any

import pytest

from services.domain.events import CaseClosed
from services.domain.identifiers import case_number
from tests.intake.browser import BROWSER, plain, post
from tests.intake.happenings import Course
from tests.intake.hotline import WAGE, Hotline

AGAIN = "再说一次：包工头欠我们班组三个月工资，现在人也找不到了。"


async def merge(desk: Hotline, one: dict[str, Any], into: dict[str, Any], role: str = "agent") -> Any:
    return await desk.api("POST", f"/api/cases/{one['case_id']}/merge", {"into": into["case_id"]}, role=role)


async def test_a_case_goes_on_as_the_other_with_what_was_said(desk: Hotline) -> None:
    first, second = await desk.create(), await desk.create(text=AGAIN, recording_ref="rec-9")
    await desk.hear(Course(desk, first).routed())
    answer = await merge(desk, second, first)
    assert (answer.status_code, answer.json()["status"]) == (200, "closed")
    (call,) = desk.outbox("CallAttached")
    body = json.loads(call["body"])
    assert body["case_id"] == first["case_id"]
    assert desk.keyring.open(body["note"], desk.case_id(first), "note") == AGAIN
    assert desk.keyring.open(body["recording"], desk.case_id(first), "recording") == "rec-9"
    (closed,) = desk.outbox("CaseClosed")
    assert json.loads(closed["body"])["reason"] == "merged"
    shown = await desk.show(second["case_id"])
    assert shown["merged_into"]["number"] == first["number"]
    assert [one["type"] for one in shown["timeline"]][-2:] == ["CaseMerged", "CaseClosed"]


async def test_the_callers_old_number_leads_to_the_case_that_goes_on(desk: Hotline) -> None:
    first, second = await desk.create(), await desk.create()
    await merge(desk, second, first)
    await Course(desk, first).until_resolved()
    asked = {"number": second["number"], "code": second["tracking_code"]}
    seen = (await desk.client.post("/api/tracking", json=asked)).json()
    assert (seen["number"], seen["merged_into"]) == (second["number"], first["number"])
    assert (seen["status"], seen["words"], seen["closed"]) == ("已有办理结果", "工资已全部付清", False)
    page = await desk.client.post("/track", data=asked, headers=BROWSER)
    assert "已并入编号" in plain(page.text)


async def test_another_callers_case_is_never_merged(desk: Hotline) -> None:
    first = await desk.create()
    others = [await desk.create(caller=caller) for caller in ({"phone": "13900001111"}, {})]
    for other in others:
        answer = await merge(desk, other, first)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/merge-other-caller")
    assert desk.outbox("CaseMerged") == []


async def test_whose_report_it_is_is_not_found_out_by_merging(desk: Hotline) -> None:
    first, second = await desk.create(report_type="report"), await desk.create(report_type="report")
    assert (await merge(desk, second, first)).status_code == 409
    assert (await merge(desk, second, first, role="supervisor")).status_code == 200


async def test_what_a_unit_works_on_and_what_is_closed_is_not_merged(desk: Hotline) -> None:
    first, second = await desk.create(), await desk.create()
    course = Course(desk, second)
    await desk.hear(course.routed(), course.accepted())
    answer = await merge(desk, second, first)
    assert answer.status_code == 409
    assert "不能并案" in answer.json()["detail"]
    closed = CaseClosed(case_id=desk.case_id(first), at=desk.clock(), reason="withdrawn")
    third = await desk.create()
    await desk.hear(closed, source="intake")
    assert (await merge(desk, third, first)).status_code == 409
    assert (await merge(desk, third, third)).status_code == 422
    unknown = WAGE | {"case_id": "01980a3c-6d2e-7c41-9b5f-2f4a6c8e0d13"}
    assert (await merge(desk, third, unknown)).status_code == 404


async def test_a_case_with_an_open_part_is_not_merged(desk: Hotline) -> None:
    first, second = await desk.create(), await desk.create()
    part = {"kind": "social_help", "text": "今晚没有地方住。"}
    await desk.api("POST", f"/api/cases/{second['case_id']}/split", part)
    answer = await merge(desk, second, first)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/parts-open")


@pytest.mark.parametrize(
    ("into", "said"), [("7K3M", "案件编号应为 11 位"), (case_number(random.Random(99)), "没有这个编号")]
)
async def test_an_agent_merges_by_number_and_hears_what_is_wrong(desk: Hotline, into: str, said: str) -> None:
    first, second = await desk.create(), await desk.create()
    await desk.sign_in()
    form = {"csrf_token": await desk.csrf()}
    path = f"/desk/cases/{second['case_id']}/merge"
    wrong = await post(desk, path, form | {"into": into})
    assert wrong.status_code == 422
    assert said in plain(wrong.text)
    number = first["number"]
    spoken = f"{number[:4]}-{number[4:8]}-{number[8:]}".lower()
    assert (await post(desk, path, form | {"into": spoken})).status_code == 303
    assert "并入这一件" in plain(
        (await desk.client.get(f"/desk/cases/{second['case_id']}", headers=BROWSER)).text
    )
