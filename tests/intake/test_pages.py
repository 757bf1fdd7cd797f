"""The agent's desk without a script: write, find, act; nothing typed is lost, nothing twice counts twice."""

import re

import pytest

from tests.intake.browser import BROWSER, errors, hidden, plain, post
from tests.intake.hotline import NAME, PHONE, WAGE, WORK, Hotline

TEXT = WAGE["text"]


async def form(desk: Hotline, **changes: str) -> dict[str, str]:
    page = (await desk.client.get("/desk")).text
    filled = {
        "csrf_token": await desk.csrf(), "form_key": hidden(page, "form_key"), "kind": "wage_arrears",
        "text": TEXT, "phone": PHONE, "name": NAME, "work_address": WORK, "amount_owed": "8,400.50元",
        "workers_affected": "９", "channel": "phone", "employer_name": "江宁某某建筑劳务公司", "uscc": "",
    }  # fmt: skip
    return filled | changes


async def test_a_call_is_written_down_and_shown(desk: Hotline) -> None:
    await desk.sign_in()
    answer = await post(desk, "/desk", await form(desk))
    assert answer.status_code == 303
    shown = await desk.client.get(answer.headers["location"], headers=BROWSER)
    assert shown.status_code == 200
    words = plain(shown.text)
    for word in (TEXT, NAME, "+86" + PHONE, WORK, "8,400.50", "江宁区", "10543", "已登记", "已保存并转办"):
        assert word in words, word
    row = desk.rows("SELECT * FROM intake_case")[0]
    assert (row["amount_owed_fen"], row["workers_affected"], row["staff_number"]) == (840050, 9, "10543")
    mine = plain((await desk.client.get("/desk", headers=BROWSER)).text)
    assert "-".join((row["number"][:4], row["number"][4:8], row["number"][8:])) in mine


async def test_what_was_typed_stays_when_something_is_wrong(desk: Hotline) -> None:
    await desk.sign_in()
    data = await form(desk, phone="1385146729", uscc="123", amount_owed="八千", workers_affected="九")
    answer = await post(desk, "/desk", data)
    assert answer.status_code == 422
    assert len(errors(answer.text)) >= 2
    for name, value in data.items():
        assert value in answer.text, name
    assert hidden(answer.text, "form_key") == data["form_key"]
    assert '<option value="phone" selected>' in answer.text
    assert re.search(r'value="wage_arrears" checked', answer.text)
    fixed = data | {"phone": PHONE, "uscc": "", "amount_owed": "", "workers_affected": ""}
    assert (await post(desk, "/desk", fixed)).status_code == 303


async def test_domain_refusals_stand_at_their_fields(desk: Hotline) -> None:
    await desk.sign_in()
    answer = await post(desk, "/desk", await form(desk, phone="1385146729", uscc="123"))
    assert errors(answer.text) == [
        "手机号应为 11 位，少了 1 位。", "统一社会信用代码应为 18 位，少了 15 位。",
    ]  # fmt: skip
    assert desk.count("intake_case") == 0


async def test_the_same_form_sent_twice_is_one_case(desk: Hotline) -> None:
    await desk.sign_in()
    data = await form(desk)
    answers = [await post(desk, "/desk", data) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert desk.count("intake_case") == 1


async def test_a_saved_form_that_is_changed_asks_before_it_makes_a_second_case(desk: Hotline) -> None:
    await desk.sign_in()
    data = await form(desk)
    await post(desk, "/desk", data)
    changed = data | {"text": TEXT + "还有加班费。"}
    asked = await post(desk, "/desk", changed)
    assert asked.status_code == 409
    assert "还有加班费。" in asked.text
    assert desk.count("intake_case") == 1
    again = changed | {"form_key": hidden(asked.text, "form_key")}
    assert (await post(desk, "/desk", again)).status_code == 303
    assert desk.count("intake_case") == 2


async def test_a_look_ahead_shows_unit_and_history_and_saves_nothing(desk: Hotline) -> None:
    made = await desk.create()
    await desk.sign_in()
    answer = await post(desk, "/desk", await form(desk, do="preview"))
    words = plain(answer.text)
    assert answer.status_code == 200
    assert "江宁区劳动保障监察大队" in words
    assert "欠薪由用工所在地" in words
    assert f"/desk/cases/{made['case_id']}" in answer.text
    assert desk.count("intake_case") == 1
    unsure = await post(desk, "/desk", await form(desk, do="preview", work_address="不知道"))
    assert "将由人工分派" in plain(unsure.text)


async def test_a_look_ahead_shows_what_was_read_from_each_address_and_what_it_may_be(desk: Hotline) -> None:
    await desk.sign_in()
    given = {"work_address": "南京市江宁区秣陵街道", "employer_address": "徐州鼓楼区", "residence": "鼓楼区"}
    words = plain((await post(desk, "/desk", await form(desk, do="preview", **given))).text)
    assert "江宁区 秣陵街道 确定" in words
    assert "写到了外地" in words
    assert "徐州市鼓楼区" in words
    assert "鼓楼区 很可能" in words


@pytest.mark.parametrize("asked", [PHONE, "138 5146 7290", "建筑劳务"])
async def test_a_case_is_found_and_what_was_searched_stands_in_no_address(desk: Hotline, asked: str) -> None:
    made = await desk.create()
    await desk.sign_in()
    answer = await post(desk, "/desk/search", {"csrf_token": await desk.csrf(), "q": asked})
    assert answer.status_code == 200
    assert f"/desk/cases/{made['case_id']}" in answer.text
    nothing = await post(desk, "/desk/search", {"csrf_token": await desk.csrf(), "q": "x" * 500})
    assert "没有找到" in plain(nothing.text)


async def test_a_case_number_opens_its_case(desk: Hotline) -> None:
    made = await desk.create()
    await desk.sign_in()
    number = made["number"].lower()
    asked = {"csrf_token": await desk.csrf(), "q": f"{number[:4]}-{number[4:8]}-{number[8:]}"}
    answer = await post(desk, "/desk/search", asked)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/cases/{made['case_id']}")


async def test_the_list_is_paged_and_narrowed(desk: Hotline) -> None:
    for _ in range(3):
        await desk.create()
    await desk.sign_in()
    page = (await desk.client.get("/desk/cases?limit=2&kind=wage_arrears", headers=BROWSER)).text
    assert page.count('href="/desk/cases/') == 2
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    second = (await desk.client.get(following[1].replace("&amp;", "&"), headers=BROWSER)).text
    assert second.count('href="/desk/cases/') >= 1
    empty = await desk.client.get("/desk/cases?state=closed", headers=BROWSER)
    assert "没有这样的案件" in plain(empty.text)


@pytest.mark.parametrize("path", ["/desk", "/desk/cases", "/desk/callbacks"])
async def test_pages_are_for_who_takes_calls_and_come_in_english(desk: Hotline, path: str) -> None:
    signed_out = await desk.client.get(path, headers=BROWSER)
    assert signed_out.status_code in (303, 401)
    await desk.sign_in("20001", "officer")
    assert (await desk.client.get(path, headers=BROWSER)).status_code == 403
    await desk.client.post("/signout", data={"csrf_token": await desk.csrf()})
    await desk.sign_in()
    desk.client.cookies.set("lang", "en")
    english = await desk.client.get(path, headers=BROWSER)
    assert english.status_code == 200
    main = english.text.split("<main")[1].split("</main>")[0]
    assert not re.findall(r"[\u4e00-\u9fff]+", main)


async def test_a_form_of_another_site_is_refused(desk: Hotline) -> None:
    await desk.sign_in()
    data = await form(desk)
    evil = await desk.client.post("/desk", data=data, headers=BROWSER | {"origin": "https://evil.test"})
    assert evil.status_code == 403
    no_token = await post(desk, "/desk", {k: v for k, v in data.items() if k != "csrf_token"})
    assert no_token.status_code == 403
    assert desk.count("intake_case") == 0
