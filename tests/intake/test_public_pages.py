"""Citizens submit and follow without an account: number and code come once, and stand in no address."""

import json
import re

import httpx
import pytest

from services.domain.events import CaseReceived
from tests.intake.browser import BROWSER, errors, hidden, plain
from tests.intake.happenings import Course
from tests.intake.hotline import NAME, PHONE, Hotline


async def form(desk: Hotline, **changes: str) -> dict[str, str]:
    page = (await desk.client.get("/report")).text
    filled = {
        "form_key": hidden(page, "form_key"), "kind": "wage_arrears", "report_type": "complaint",
        "name": NAME, "text": "拖欠工资三个月", "phone": PHONE, "work_district": "320115",
    }  # fmt: skip
    return filled | changes


async def submit(desk: Hotline, data: dict[str, str]) -> httpx.Response:
    return await desk.client.post("/report", data=data, headers=BROWSER)


def ticket(page: str) -> tuple[str, str]:
    number, code = re.findall(r'<span class="ticket">([^<]+)</span>', page)
    return number, code


async def test_a_citizen_submits_and_follows_a_case(desk: Hotline) -> None:
    answer = await submit(desk, await form(desk))
    assert answer.status_code == 200
    number, code = ticket(answer.text)
    [row] = desk.rows("SELECT * FROM intake_case")
    assert (row["channel"], row["created_by"], row["told_by"]) == ("web", None, "notifier")
    event = CaseReceived.model_validate_json(desk.outbox()[0]["body"])
    assert event.contact is not None
    assert json.loads(desk.keyring.open(event.contact, event.case_id, "contact"))["code"] == code
    await desk.hear(Course(desk, {"case_id": row["case_id"], "number": row["number"]}).routed())
    seen = await desk.client.post("/track", data={"number": number, "code": code}, headers=BROWSER)
    assert seen.status_code == 200
    assert seen.text.count('<li class="done"') == 2
    assert not [word for word in (NAME, PHONE) if word in seen.text]
    for address in (str(answer.url), str(seen.url)):
        assert number not in address
        assert code not in address


async def test_sending_the_form_again_shows_the_same_number(desk: Hotline) -> None:
    data = await form(desk)
    tickets = [ticket((await submit(desk, data)).text) for _ in range(3)]
    assert len(set(tickets)) == 1
    assert desk.count("intake_case") == 1


async def test_an_anonymous_report_needs_no_number_to_be_reached_at(desk: Hotline) -> None:
    data = await form(desk, report_type="report", anonymous="true", name="", phone="")
    number, code = ticket((await submit(desk, data)).text)
    row = desk.rows("SELECT * FROM intake_case")[0]
    assert (row["report_type"], row["told_by"]) == ("report", "nobody")
    await Course(desk, {"case_id": row["case_id"], "number": row["number"]}).until_resolved()
    seen = await desk.client.post("/track", data={"number": number, "code": code}, headers=BROWSER)
    assert "工资已全部付清" in plain(seen.text)


async def test_what_is_wrong_is_said_at_its_field_and_the_rest_stays(desk: Hotline) -> None:
    data = await form(desk, phone="1385146729", anonymous="true")
    answer = await submit(desk, data)
    assert answer.status_code == 422
    assert "手机号应为 11 位，少了 1 位。" in errors(answer.text)
    assert "拖欠工资三个月" in answer.text
    assert 'value="true" checked' in answer.text
    desk.client.cookies.set("lang", "en")
    english = await submit(desk, data | {"text": ""})
    assert "is required" in errors(english.text)


@pytest.mark.parametrize(
    ("number", "code", "status"), [("JYMJ1J17H4J", "000000", 404), ("", "", 422), ("JYMJ1J17H4K", "1", 422)]
)
async def test_what_does_not_match_is_one_sentence_and_stays_typed(
    desk: Hotline, number: str, code: str, status: int
) -> None:
    answer = await desk.client.post("/track", data={"number": number, "code": code}, headers=BROWSER)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert f'value="{number}"' in answer.text


async def test_one_number_is_sent_three_messages_a_day_at_most(desk: Hotline) -> None:
    answers = [await submit(desk, await form(desk, text=f"第{n}件")) for n in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "第3件" in answers[3].text, "what was typed is kept"
    assert desk.count("intake_case") == 3


async def test_one_address_submits_ten_cases_an_hour_at_most(desk: Hotline) -> None:
    anonymous = {"report_type": "report", "anonymous": "true", "name": "", "phone": ""}
    codes = [
        (await submit(desk, await form(desk, text=f"第{n}件", **anonymous))).status_code for n in range(11)
    ]
    assert codes == [200] * 10 + [429]


async def test_another_site_submits_nothing(desk: Hotline) -> None:
    evil = BROWSER | {"sec-fetch-site": "cross-site"}
    answer = await desk.client.post("/report", data=await form(desk), headers=evil)
    assert answer.status_code == 403
    assert desk.count("intake_case") == 0


@pytest.mark.parametrize("path", ["/report", "/track"])
async def test_public_pages_come_in_english(desk: Hotline, path: str) -> None:
    english = await desk.client.get(path, headers=BROWSER | {"accept-language": "en"})
    assert english.status_code == 200
    main = english.text.split("<main")[1].split("</main>")[0]
    assert not re.findall(r"[\u4e00-\u9fff]+", main)


async def test_stored_text_is_shown_as_text(desk: Hotline) -> None:
    await submit(desk, await form(desk, text="<script>alert(1)</script>", name="<b>王</b>"))
    await desk.sign_in()
    case_id = desk.rows("SELECT case_id FROM intake_case")[0]["case_id"]
    page = (await desk.client.get(f"/desk/cases/{case_id}", headers=BROWSER)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
