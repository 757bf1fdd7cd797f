"""The check of a half-filled form: everything at once, never a refusal, nothing stored."""

import json
from typing import Any

import pytest

from services.domain.events import CaseClosed
from services.intake.halfway import CheckIn
from services.intake.schemas import CaseIn
from tests.intake.browser import BROWSER, plain, post
from tests.intake.hotline import PHONE, WAGE, Hotline

PATH = "/api/intake/check"
NOTHING: dict[str, Any] = {
    "problems": [],
    "identifiers": {"phone": None, "uscc": None},
    "places": {"work": None, "employer": None, "residence": None},
    "suggestion": None,
    "destination": None,
    "seen": {"phone": [], "employer": [], "similar": []},
    "cluster": None,
}


async def check(desk: Hotline, body: object, role: str = "agent", **headers: str) -> dict[str, Any]:
    """When what is done a moment later is done."""
    await desk.background()
    answer = await desk.api("POST", PATH, body, role=role, **headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_empty_form_is_answered_with_nothing(desk: Hotline) -> None:
    assert await check(desk, {}) == NOTHING
    assert await check(desk, {"text": " ", "caller": {"phone": ""}, "employer": {"uscc": ""}}) == NOTHING


async def test_everything_is_answered_at_once_and_nothing_is_stored(desk: Hotline) -> None:
    made = [await desk.create(caller={"phone": str(int(PHONE) + n)}) for n in range(2)]
    found = await check(desk, WAGE)
    assert found["problems"] == []
    assert found["identifiers"]["phone"] == "mobile"
    assert found["places"]["work"]["district"] == "320115"
    assert found["places"]["work"]["confidence"] == "certain"
    assert found["places"]["residence"]["name"] == "秦淮区"
    assert found["suggestion"]["kind"] == "wage_arrears"
    assert found["destination"]["unit"] == "江宁区劳动保障监察大队"
    numbers = {case["number"] for case in made}
    assert {one["number"] for one in found["seen"]["phone"]} == {made[0]["number"]}
    assert {one["number"] for one in found["seen"]["employer"]} == numbers
    assert {one["case"]["number"] for one in found["seen"]["similar"]} == numbers
    assert all(one["share"] == 1.0 for one in found["seen"]["similar"])
    assert found["cluster"] == {
        "over": "employer", "callers": 2, "workers": 9, "amount_owed": 16801.0, "days": 30, "level": None,
        "level_name": None,
    }  # fmt: skip
    assert desk.count("intake_case") == 2
    assert desk.count("intake_timeline") == 2


async def test_open_cases_come_first_and_then_the_newest(desk: Hotline) -> None:
    made = []
    for _ in range(4):
        made.append(await desk.create())
        desk.clock.forward(minutes=1)
    for old in (made[3], made[1]):
        event = CaseClosed(case_id=desk.case_id(old), at=desk.clock(), reason="withdrawn")
        await desk.hear(event, source="intake")
        desk.clock.forward(minutes=1)
    found = await check(desk, {"caller": {"phone": PHONE}})
    order = [made[2], made[0], made[3], made[1]]
    assert [one["number"] for one in found["seen"]["phone"]] == [one["number"] for one in order]


async def test_what_is_wrong_is_said_and_the_rest_is_answered_all_the_same(desk: Hotline) -> None:
    body = WAGE | {"caller": {"phone": "1385146729"}, "employer": WAGE["employer"] | {"uscc": "123"}}
    found = await check(desk, body | {"amount_owed": "八千", "kind": "wages", "workers_affected": "九"})
    said = {one["field"]: one["text"] for one in found["problems"]}
    assert said["caller.phone"] == "手机号应为 11 位，少了 1 位。"
    assert said["employer.uscc"] == "统一社会信用代码应为 18 位，少了 15 位。"
    assert set(said) == {"caller.phone", "employer.uscc", "amount_owed", "kind", "workers_affected"}
    assert found["places"]["work"]["district"] == "320115"
    assert found["destination"]["unit"] == "江宁区劳动保障监察大队"
    english = await check(desk, body, accept_language="en")
    assert {one["text"] for one in english["problems"]} >= {"A mobile number has 11 digits: 1 digit missing."}


@pytest.mark.parametrize(
    ("address", "field"),
    [("江宁" + "区" * 9_998, "employer.work_address"), ("🚧" * 10_000, "employer.work_address")],
)
async def test_an_address_of_ten_thousand_characters_is_answered_clearly(
    desk: Hotline, address: str, field: str
) -> None:
    found = await check(desk, {"text": WAGE["text"], "employer": {"work_address": address}})
    (problem,) = found["problems"]
    assert problem["field"] == field
    assert "300" in problem["text"]
    assert found["suggestion"]["kind"] == "wage_arrears"
    refused = await desk.post_case(WAGE | {"employer": {"work_address": address}})
    assert refused.status_code == 422
    assert "300" in refused.json()["errors"][0]["problem"]


@pytest.mark.parametrize("text", ["👷‍♂️💰😡" * 40, "\u202e\u200b工资", "ａ" * 6000, "a\u0000b", "\ud83d"])
async def test_emoji_and_odd_signs_are_answered(desk: Hotline, text: str) -> None:
    sent = json.dumps({"text": text, "employer": {"name": text[:100], "work_address": text[:200]}})
    headers = await desk.bearer() | {"content-type": "application/json"}
    answer = await desk.client.post(PATH, content=sent, headers=headers)
    assert answer.status_code in (200, 400, 422), answer.text
    assert answer.headers["content-type"].startswith("application/")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"\xff\xfe{}", 400), (b"{", 400), (b"[]", 422), (b'{"texts": ""}', 422), (b'{"text": 7}', 422)],
)
async def test_bad_bytes_are_refused_in_a_sentence(desk: Hotline, body: bytes, status: int) -> None:
    headers = await desk.bearer() | {"content-type": "application/json"}
    answer = await desk.client.post(PATH, content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_a_report_is_not_found_by_its_callers_number_but_by_who_may_know(desk: Hotline) -> None:
    made = await desk.create(report_type="report")
    asked = {"caller": {"phone": PHONE}}
    assert (await check(desk, asked))["seen"]["phone"] == []
    (found,) = (await check(desk, asked, role="supervisor"))["seen"]["phone"]
    assert found["number"] == made["number"]


async def test_another_system_sees_its_own_cases_only_and_no_cluster(desk: Hotline) -> None:
    await desk.create()
    mine = await desk.create(role="machine", name="bank", caller={"phone": "13851467299"})
    await desk.background()
    answer = await desk.api("POST", PATH, WAGE, role="machine", name="bank")
    found = answer.json()
    assert found["seen"]["phone"] == []
    assert [one["number"] for one in found["seen"]["employer"]] == [mine["number"]]
    assert [one["case"]["number"] for one in found["seen"]["similar"]] == [mine["number"]]
    assert found["cluster"] is None


async def test_who_takes_no_calls_may_not_check(desk: Hotline) -> None:
    assert (await desk.api("POST", PATH, {}, role="officer")).status_code == 403
    assert (await desk.client.post(PATH, json={})).status_code == 401


async def test_a_corrected_case_is_found_by_what_it_says_now(desk: Hotline) -> None:
    made = await desk.create()
    text = "老板说下个月一定发，可是饭店已经关门了，厨房和前台一共七个人的工资都没有着落，请帮帮我们。"
    changed = {"text": text, "employer": {"name": "海底捞新街口店"}}
    answer = await desk.api("POST", f"/api/cases/{made['case_id']}/correct", changed)
    assert answer.status_code == 200, answer.text
    before = await check(desk, {"text": WAGE["text"], "employer": {"name": WAGE["employer"]["name"]}})
    assert before["seen"]["similar"] == before["seen"]["employer"] == []
    after = await check(desk, {"text": text, "employer": {"name": "海底捞（新街口）"}})
    assert after["seen"]["similar"][0]["case"]["number"] == made["number"]


async def test_the_page_shows_the_hints_beside_the_form(desk: Hotline) -> None:
    made = await desk.create()
    await desk.background()
    await desk.sign_in()
    form = {"csrf_token": await desk.csrf(), "phone": PHONE, "text": WAGE["text"], "uscc": "123"}
    answer = await post(desk, "/desk/check", form | {"employer_name": "江宁某某建筑劳务"})
    assert answer.status_code == 200
    words = plain(answer.text)
    for said in ("统一社会信用代码应为 18 位", "相似诉求", "100%", "并入这一件", "这个号码"):
        assert said in words, said
    assert "<html" not in answer.text
    assert f'formaction="/desk/cases/{made["case_id"]}/calls"' in answer.text
    assert f"/desk/cases/{made['case_id']}" in answer.text
    page = await desk.client.get("/desk", headers=BROWSER)
    assert 'data-check="/desk/check"' in page.text


async def test_every_field_of_a_case_that_a_form_has_may_be_checked(desk: Hotline) -> None:
    forms = {name for name in CaseIn.model_fields if name != "callback_url"}
    assert forms == set(CheckIn.model_fields)
    made = await desk.create()
    found = await check(
        desk, WAGE | {"linked_to": made["case_id"], "tags": ["petition"], "recording_ref": "r-1"}
    )
    assert found["problems"] == []
