"""Several destinations for one case (F18): linked, each with a course, the whole open until all are done."""

import json
from typing import Any

import pytest

from services.domain.events import CallerInformed, CallerUnreachable, CaseClosed, CaseReopened
from tests.intake.browser import BROWSER, hidden, plain, post
from tests.intake.happenings import Course
from tests.intake.hotline import NAME, PHONE, Hotline

PART = {"kind": "social_help", "text": "被赶出宿舍，今晚没有地方住，请安排临时住处。", "urgent": True}


async def split(desk: Hotline, made: dict[str, Any], key: str = "", **changes: object) -> Any:
    desk.posted += 1
    path = f"/api/cases/{made['case_id']}/split"
    return await desk.api("POST", path, PART | changes, idempotency_key=key or f"split-{desk.posted}")


async def told(desk: Hotline, made: dict[str, Any], about: str = "outcome") -> None:
    event = CallerInformed(case_id=desk.case_id(made), at=desk.clock(), channel="sms", about=about)
    await desk.hear(event, source="notifier")


async def status(desk: Hotline, made: dict[str, Any]) -> str:
    return str((await desk.show(made["case_id"]))["status"])


async def test_a_part_has_its_own_number_and_course_and_the_caller_and_employer_of_the_case(
    desk: Hotline,
) -> None:
    made = await desk.create()
    answer = await split(desk, made)
    assert answer.status_code == 201, answer.text
    part = answer.json()
    assert part["number"] != made["number"]
    received = [json.loads(row["body"]) for row in desk.outbox("CaseReceived")]
    assert [one["kind"] for one in received] == ["wage_arrears", "social_help"]
    assert received[1]["parent"] == made["case_id"]
    assert received[1]["urgent"] is True
    shown = await desk.show(part["case_id"])
    assert shown["record"]["caller"]["name"] == NAME
    assert shown["record"]["text"] == PART["text"]
    assert shown["parent"]["number"] == made["number"]
    whole = await desk.show(made["case_id"])
    assert [one["number"] for one in whole["parts"]] == [part["number"]]
    assert "分出一件：社会救助" in whole["timeline"][-1]["text"]


async def test_the_case_is_not_closed_before_its_parts_and_then_at_once(desk: Hotline) -> None:
    made = await desk.create()
    parts = [(await split(desk, made)).json() for _ in range(2)]
    await Course(desk, made).until_resolved()
    await told(desk, made)
    assert await status(desk, made) == "told"
    assert desk.outbox("CaseClosed") == []
    for part in parts:
        assert await status(desk, made) == "told"
        await Course(desk, part).until_resolved()
        await told(desk, part)
    assert [await status(desk, one) for one in (*parts, made)] == ["closed"] * 3
    assert [row["case_id"].replace("-", "") for row in desk.outbox("CaseClosed")][-1] == made[
        "case_id"
    ].replace("-", "")
    assert [json.loads(row["body"])["reason"] for row in desk.outbox("CaseClosed")] == ["told"] * 3


async def test_f18_nobody_closes_it_by_hand_while_a_part_is_open(desk: Hotline) -> None:
    made = await desk.create()
    part = (await split(desk, made)).json()
    path = f"/api/cases/{made['case_id']}/close"
    refused = await desk.api("POST", path, {"reason": "withdrawn"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/parts-open")
    await desk.api("POST", f"/api/cases/{part['case_id']}/close", {"reason": "withdrawn"})
    assert await status(desk, made) == "received"
    assert (await desk.api("POST", path, {"reason": "withdrawn"})).status_code == 200
    assert await status(desk, made) == "closed"


async def test_f18_a_part_goes_on_whatever_happens_to_the_case(desk: Hotline) -> None:
    made = await desk.create()
    part = (await split(desk, made)).json()
    await Course(desk, part).until_resolved()
    event = CallerUnreachable(case_id=desk.case_id(made), at=desk.clock(), channel="callback", attempts=3)
    await Course(desk, made).until_resolved()
    await desk.hear(event, source="notifier")
    assert [await status(desk, one) for one in (made, part)] == ["resolved", "resolved"]
    await told(desk, part)
    assert [await status(desk, one) for one in (made, part)] == ["closed", "closed"]
    assert json.loads(desk.outbox("CaseClosed")[-1]["body"])["reason"] == "unreachable"


async def test_a_part_that_is_reopened_keeps_the_case_open_again(desk: Hotline) -> None:
    made = await desk.create()
    part = (await split(desk, made)).json()
    closed = CaseClosed(case_id=desk.case_id(part), at=desk.clock(), reason="withdrawn")
    reopened = CaseReopened(case_id=desk.case_id(part), at=desk.clock())
    await desk.hear(closed, closed, reopened, source="intake")
    await Course(desk, made).until_resolved()
    await told(desk, made)
    assert await status(desk, made) == "told"
    await desk.hear(closed, source="intake")
    assert await status(desk, made) == "closed"


async def test_a_reopened_case_does_not_close_with_its_part_before_it_is_told_again(desk: Hotline) -> None:
    made = await desk.create()
    part = (await split(desk, made)).json()
    await Course(desk, made).until_resolved()
    await told(desk, made)
    await desk.hear(CaseReopened(case_id=desk.case_id(made), at=desk.clock()), source="intake")
    await desk.hear(CaseClosed(case_id=desk.case_id(part), at=desk.clock(), reason="told"), source="intake")
    assert await status(desk, made) == "received"


async def test_the_same_key_makes_one_part(desk: Hotline) -> None:
    made = await desk.create()
    first, again = [await split(desk, made, key="k-1") for _ in range(2)]
    assert first.json() == again.json()
    assert desk.count("intake_case") == 2
    assert (await split(desk, made, key="k-1", text="另一件事")).status_code == 422
    assert desk.rows("SELECT open_parts FROM intake_case WHERE parent IS NULL")[0][0] == 1


async def test_a_report_is_not_split_into_what_would_name_its_caller_without_consent(desk: Hotline) -> None:
    made = await desk.create(report_type="report")
    refused = await split(desk, made)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/split-names-caller")
    assert desk.count("intake_case") == 1
    kept = await split(desk, made, kind="wage_arrears", report_type="report")
    assert kept.status_code == 201
    assert (await split(desk, made, named=True)).status_code == 201


@pytest.mark.parametrize("body", [{"text": ""}, {"kind": "no"}, {"kind": None}, {"text": "甲" * 6001}])
async def test_a_part_that_cannot_be_is_refused_and_the_case_stays(
    desk: Hotline, body: dict[str, Any]
) -> None:
    made = await desk.create()
    assert (await split(desk, made, **body)).status_code == 422
    assert desk.rows("SELECT open_parts FROM intake_case")[0][0] == 0


async def test_a_finished_case_is_not_split_and_who_may_not_cannot(desk: Hotline) -> None:
    made = await desk.create()
    closed = CaseClosed(case_id=desk.case_id(made), at=desk.clock(), reason="withdrawn")
    await desk.hear(closed, source="intake")
    assert (await split(desk, made)).status_code == 409
    path = f"/api/cases/{made['case_id']}/split"
    assert (await desk.api("POST", path, PART, role="officer")).status_code == 403


async def test_the_caller_sees_the_part_on_the_tracking_page(desk: Hotline) -> None:
    made = await desk.create()
    await split(desk, made)
    asked = {"number": made["number"], "code": made["tracking_code"]}
    answer = (await desk.client.post("/api/tracking", json=asked)).json()
    assert answer["parts"] == [{"kind_name": "社会救助", "status": "已登记"}]
    page = await desk.client.post("/track", data=asked, headers=BROWSER)
    assert "另立一件办理：社会救助" in plain(page.text)


async def test_an_agent_splits_on_the_page_once_and_keeps_what_was_typed(desk: Hotline) -> None:
    made = await desk.create(caller={"phone": PHONE})
    await desk.sign_in()
    path = f"/desk/cases/{made['case_id']}"
    page = (await desk.client.get(path, headers=BROWSER)).text
    form = {"csrf_token": await desk.csrf(), "form_key": hidden(page, "form_key"), "kind": "social_help"}
    wrong = await post(desk, f"{path}/split", form | {"text": ""})
    assert wrong.status_code == 422
    for _ in range(2):
        assert (await post(desk, f"{path}/split", form | {"text": str(PART["text"])})).status_code == 303
    assert desk.count("intake_case") == 2
    assert "分出的案件" in plain((await desk.client.get(path, headers=BROWSER)).text)
