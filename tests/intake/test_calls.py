"""A further call of the same caller belongs to the open case: seen by unit and caller, counted once."""

import json
from typing import Any

import pytest

from services.domain.events import CaseClosed
from tests.intake.browser import BROWSER, hidden, plain, post
from tests.intake.happenings import Course
from tests.intake.hotline import PHONE, WAGE, Hotline

SAID = "又来电：老板昨天答应先付一半，今天电话不接了。"


async def attach(desk: Hotline, made: dict[str, Any], **body: object) -> Any:
    path = f"/api/cases/{made['case_id']}/calls"
    key = str(body.pop("key", "")) or f"call-{desk.posted}"
    return await desk.api("POST", path, {"text": SAID} | body, idempotency_key=key)


async def test_a_call_is_attached_said_sealed_and_shown(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await desk.hear(course.routed())
    answer = await attach(desk, made, phone=PHONE, channel="phone", recording_ref="rec/2026/77")
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["number"], said["status"]) == (made["number"], "routed")
    assert said["tracking_code"] == made["tracking_code"]
    (event,) = desk.outbox("CallAttached")
    body = json.loads(event["body"])
    assert (body["channel"], body["by"]) == ("phone", "agent")
    assert SAID not in event["body"].decode()
    assert desk.keyring.open(body["note"], desk.case_id(made), "note") == SAID
    assert desk.keyring.open(body["recording"], desk.case_id(made), "recording") == "rec/2026/77"
    shown = await desk.show(made["case_id"])
    (line,) = [one for one in shown["timeline"] if one["type"] == "CallAttached"]
    assert line["words"] == SAID
    assert "已并入本件" in line["text"]
    assert desk.count("intake_case") == 1


async def test_the_caller_sees_on_the_tracking_page_that_the_call_was_taken(desk: Hotline) -> None:
    made = await desk.create()
    await attach(desk, made)
    asked = {"number": made["number"], "code": made["tracking_code"]}
    answer = (await desk.client.post("/api/tracking", json=asked)).json()
    assert [one["text"] for one in answer["calls"]] == ["再次反映（电话），已并入本件，工号 agent"]
    assert SAID not in json.dumps(answer, ensure_ascii=False)
    page = await desk.client.post("/track", data=asked, headers=BROWSER)
    assert "已并入本件" in plain(page.text)


async def test_somebody_else_gets_a_case_of_his_own(desk: Hotline) -> None:
    made = await desk.create()
    answer = await attach(desk, made, phone="13900001111")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/other-caller")
    assert desk.outbox("CallAttached") == []


async def test_whose_report_it_is_is_not_found_out_by_trying_numbers(desk: Hotline) -> None:
    made = await desk.create(report_type="report")
    for phone in (PHONE, "13900001111"):
        assert (await attach(desk, made, phone=phone, key=phone)).status_code == 201


async def test_the_same_key_attaches_once_and_another_body_is_refused(desk: Hotline) -> None:
    made = await desk.create()
    first, again = [await attach(desk, made, key="k-1") for _ in range(2)]
    assert first.json() == again.json()
    assert len(desk.outbox("CallAttached")) == 1
    other = await attach(desk, made, key="k-1", text="别的话")
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")


async def test_a_closed_case_takes_no_call_but_can_be_reopened(desk: Hotline) -> None:
    made = await desk.create()
    event = CaseClosed(case_id=desk.case_id(made), at=desk.clock(), reason="withdrawn")
    await desk.hear(event, source="intake")
    answer = await attach(desk, made)
    assert answer.status_code == 409
    assert "不能并入来电" in answer.json()["detail"]


@pytest.mark.parametrize("body", [{"text": ""}, {"text": "a\u0007"}, {"phone": "12"}, {"more": 1}])
async def test_a_call_that_says_nothing_is_refused_in_words(desk: Hotline, body: dict[str, object]) -> None:
    made = await desk.create()
    answer = await attach(desk, made, **body)
    assert answer.status_code == 422
    assert desk.outbox("CallAttached") == []


async def test_only_who_takes_calls_may_attach_and_an_unknown_case_is_not_found(desk: Hotline) -> None:
    made = await desk.create()
    path = f"/api/cases/{made['case_id']}/calls"
    for role in ("machine", "officer"):
        assert (await desk.api("POST", path, {"text": SAID}, role=role)).status_code == 403
    unknown = "/api/cases/01980a3c-6d2e-7c41-9b5f-2f4a6c8e0d13/calls"
    assert (await desk.api("POST", unknown, {"text": SAID})).status_code == 404


async def test_one_click_on_the_desk_attaches_what_was_typed(desk: Hotline) -> None:
    made = await desk.create()
    await desk.sign_in()
    page = (await desk.client.get("/desk")).text
    form = {
        "csrf_token": await desk.csrf(), "form_key": hidden(page, "form_key"), "phone": PHONE, "text": SAID,
        "employer_name": "江宁某某", "channel": "phone",
    }  # fmt: skip
    path = f"/desk/cases/{made['case_id']}/calls"
    wrong = await post(desk, path, form | {"phone": "13900001111"})
    assert wrong.status_code == 409
    assert SAID in wrong.text
    assert "另登记一件" in plain(wrong.text)
    answer = await post(desk, path, form)
    assert answer.status_code == 303
    shown = await desk.client.get(answer.headers["location"], headers=BROWSER)
    assert "来电已并入本件" in plain(shown.text)
    assert (await post(desk, path, form)).status_code == 303
    assert (desk.count("intake_case"), len(desk.outbox("CallAttached"))) == (1, 1)


async def test_another_employers_case_is_offered_to_read_and_not_to_attach(desk: Hotline) -> None:
    made = await desk.create(caller={"phone": "13900001111"})
    await desk.sign_in()
    asked = {"csrf_token": await desk.csrf(), "employer_name": WAGE["employer"]["name"]}
    words = (await post(desk, "/desk/check", asked)).text
    assert f"/desk/cases/{made['case_id']}" in words
    assert "/calls" not in words
