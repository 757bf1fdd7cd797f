"""The two pages, used as plain HTML, by those who may and those who may not."""

from pathlib import Path
from uuid import UUID

import pytest

from services.domain.identifiers import group_number
from tests.kernel.front import BROWSER
from tests.notifier.bureau import CODE, LANDLINE, MOBILE, NAME, Bureau, bureau

LANGUAGE = {"accept-language": "en"}


async def _owed(b: Bureau, **fields: object) -> str:
    case = b.received(LANDLINE, **fields)  # type: ignore[arg-type]
    await b.hear(case, b.routed(case), b.outcome(case))
    (row,) = b.rows("SELECT id FROM notifier_callback WHERE case_id = :id", id=case.case_id.hex)
    return str(UUID(row["id"]))


async def test_an_agent_sees_whom_to_phone_and_what_to_say(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.sign_in()
        await _owed(b)
        page = (await b.client.get("/callbacks", headers=BROWSER)).text
        for shown in (
            NAME,
            "025 5555 0100",
            "江宁区劳动保障监察大队：已全额支付，8,400元",
            f"已向{NAME}付清工资。",
        ):
            assert shown in page.replace("\xa0", " ")
        assert "0/3" in page
        assert "现在" in page


async def test_told_by_the_form(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.sign_in()
        call = await _owed(b)
        answer = await b.form(f"/callbacks/{call}/told")
        assert answer.status_code == 303
        page = (await b.client.get(answer.headers["location"], headers=BROWSER)).text
        assert "来电人已告知" in page
        assert "没有待打的电话" in page
        (said,) = b.said()
        assert (type(said).__name__, said.by) == ("CallerInformed", "10543")


async def test_not_reached_by_the_form_shows_when_to_call_again(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.sign_in()
        call = await _owed(b)
        assert (await b.form(f"/callbacks/{call}/not-reached", attempt="1")).status_code == 303
        page = (await b.client.get("/callbacks", headers=BROWSER)).text
        assert "1/3" in page
        assert "2026-01-26 12:00" in page
        assert f"/callbacks/{call}/not-reached" not in page
        early = await b.form(f"/callbacks/{call}/not-reached", attempt="2")
        assert early.status_code == 409
        assert "还没到下次回电的时间" in early.text
        assert NAME in early.text


async def test_three_attempts_by_the_form_make_a_caller_unreachable(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.sign_in()
        call = await _owed(b)
        for attempt in "123":
            assert (await b.form(f"/callbacks/{call}/not-reached", attempt=attempt)).status_code == 303
            await b.forward(hours=2)
        assert [type(event).__name__ for event in b.said()] == ["CallerUnreachable"]
        over = await b.form(f"/callbacks/{call}/told")
        assert over.status_code == 409
        assert "已经结束" in over.text


async def test_a_double_click_on_told_is_one_fact(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.sign_in()
        call = await _owed(b)
        answers = [await b.form(f"/callbacks/{call}/told") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert len(b.said()) == 1


async def test_urgent_calls_come_first_and_those_not_due_last(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.sign_in()
        waiting = await _owed(b)
        await b.form(f"/callbacks/{waiting}/not-reached", attempt="1")
        normal, urgent = await _owed(b), await _owed(b, urgent=True)
        page = (await b.client.get("/callbacks", headers=BROWSER)).text
        order = [page.index(f"/callbacks/{call}/told") for call in (urgent, normal, waiting)]
        assert order == sorted(order)
        assert "紧急" in page


async def test_the_open_page_asks_for_its_rows_alone(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.sign_in()
        await _owed(b)
        rows = (await b.client.get("/callbacks", headers={**BROWSER, "x-fragment": "1"})).text
        assert "<table>" in rows
        assert "<html" not in rows


async def test_the_page_speaks_english(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.sign_in()
        await _owed(b)
        page = (await b.client.get("/callbacks", headers=BROWSER | LANGUAGE)).text
        assert "What to say" in page
        assert "paid in full, CNY 8,400" in page


async def test_an_operator_sees_the_texts_with_masked_numbers(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.sign_in("operator")
        empty = (await b.client.get("/sms", headers=BROWSER)).text
        assert "还没有短信" in empty
        case = b.received()
        await b.hear(case)
        page = (await b.client.get("/sms", headers=BROWSER)).text
        assert group_number(case.number) in page
        assert CODE in page
        assert f"*{MOBILE[-4:]}" in page
        assert MOBILE[-8:] not in page
        english = (await b.client.get("/sms", headers=BROWSER | LANGUAGE)).text
        assert "newest first" in english


async def test_of_an_outside_gateway_nothing_is_kept_to_show(tmp_path: Path) -> None:
    async with bureau(tmp_path, sms_url="http://127.0.0.1:9/sms") as b:
        await b.sign_in("operator")
        assert "本机不留内容" in (await b.client.get("/sms", headers=BROWSER)).text


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("agent", "/callbacks", 200), ("supervisor", "/callbacks", 200), ("operator", "/callbacks", 403),
        ("officer", "/callbacks", 403), ("operator", "/sms", 200), ("supervisor", "/sms", 200),
        ("agent", "/sms", 403), ("officer", "/sms", 403),
    ],
)  # fmt: skip
async def test_who_may_open_which_page(tmp_path: Path, role: str, path: str, status: int) -> None:
    async with bureau(tmp_path) as b:
        nobody = await b.client.get(path, headers=BROWSER)
        assert (nobody.status_code, nobody.headers["location"].split("?")[0]) == (303, "/signin")
        await b.sign_in(role)
        answer = await b.client.get(path, headers=BROWSER)
        assert answer.status_code == status
        home = (await b.client.get("/", headers=BROWSER)).text
        assert (f'href="{path}"' in home) == (status == 200)


async def test_a_form_without_its_token_or_by_an_operator_changes_nothing(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        call = await _owed(b)
        await b.sign_in("operator", "20001")
        assert (await b.form(f"/callbacks/{call}/told")).status_code == 403
        b.client.cookies.clear()
        await b.sign_in()
        assert (await b.client.post(f"/callbacks/{call}/told")).status_code == 403
        assert b.said() == []
