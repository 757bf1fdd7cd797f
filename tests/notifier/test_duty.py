"""Officers on duty: the text message, and the two ways in which their answer comes back."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.domain.events import AlertAcknowledged, CaseReceived, DeadlineExtended, StaffAlerted
from services.kernel.webhooks import sign
from tests.notifier.bureau import BRIGADE, EIGHT, GATEWAY, LANDLINE, MORNING, NIGHT, Bureau, bureau

FIRST, SECOND = "200801", "200802"
PHONE = "+8619900020081"
ALERT = "01980a3c-7000-7c41-9b5f-2f4a6c8e0d13"


@pytest.fixture
async def b(tmp_path: Path) -> AsyncIterator[Bureau]:
    async with bureau(tmp_path, at=NIGHT) as b:
        yield b


def alerted(b: Bureau, case: CaseReceived, *staff: str, reason: str = "on_call") -> StaffAlerted:
    return StaffAlerted(
        case_id=case.case_id, at=b.clock.at, unit=BRIGADE, alert=ALERT, staff=staff, reason=reason
    )


async def called(b: Bureau, *staff: str) -> CaseReceived:
    case = b.received(urgent=True)
    await b.hear(case)
    await b.hear(alerted(b, case, *staff), source="router")
    return case


async def message(b: Bureau, to: str = PHONE) -> tuple[str, str]:
    """Code and path of the newest message to this officer."""
    text = [one.text for one in await b.texts() if one.to == to][-1]
    code, link = re.search(r"回复(\d{4})", text), re.search(r"/duty/[0-9a-f]{20}", text)
    assert code
    assert link
    return code[1], link[0]


async def replied(b: Bureau, text: str, sender: str = PHONE, secret: str = GATEWAY) -> httpx.Response:
    body = json.dumps({"id": "m1", "from": sender, "text": text}).encode()
    headers = {"content-type": "application/json", **sign(secret, "m1", b.clock.at, body)}
    return await b.client.post("/api/sms/replies", content=body, headers=headers)


def longer(b: Bureau, case: CaseReceived) -> DeadlineExtended:
    return DeadlineExtended(
        case_id=case.case_id, at=b.clock.at, clock="investigation", due=EIGHT, article="第十七条",
        approved_by="20001", reason="complex_case",
    )  # fmt: skip


def answers(b: Bureau) -> list[tuple[str, str]]:
    return [(e.staff, e.channel) for e in b.said("AlertAcknowledged") if isinstance(e, AlertAcknowledged)]


async def test_everybody_who_is_called_gets_a_message_of_their_own_at_any_hour(b: Bureau) -> None:
    case = await called(b, FIRST, SECOND)
    texts = [one for one in await b.texts() if one.to.startswith("+86199")]
    assert sorted(one.to for one in texts) == [PHONE, "+8619900020082"]
    assert len({one.text for one in texts}) == 2  # code and link are each one's own
    assert case.number[:4] in texts[0].text
    assert "欧阳翠花" not in "".join(one.text for one in texts)


async def test_the_code_that_is_sent_back_is_the_answer_once(b: Bureau) -> None:
    await called(b, FIRST)
    code, _ = await message(b)
    for said in ("你好", "0000" if code != "0000" else "1111"):
        assert (await replied(b, said)).json() == {"taken": False}
    assert (await replied(b, f" {code}，马上去")).json() == {"taken": True}
    assert (await replied(b, code)).json() == {"taken": True}
    assert answers(b) == [(FIRST, "sms")]


async def test_a_plain_yes_answers_the_newest_call(b: Bureau) -> None:
    await called(b, FIRST)
    assert (await replied(b, "收到")).json() == {"taken": True}
    assert (await replied(b, "收到")).json() == {"taken": False}  # nothing is open any more
    assert answers(b) == [(FIRST, "sms")]


async def test_only_the_gateway_may_say_that_a_message_came(b: Bureau) -> None:
    await called(b, FIRST)
    code, _ = await message(b)
    forged = await replied(b, code, secret="whsec_" + "A" * 32)
    assert forged.status_code == 401
    unsigned = await b.client.post("/api/sms/replies", json={"from": PHONE, "text": code})
    assert unsigned.status_code == 401
    assert (await replied(b, code, sender="+8613800138000")).json() == {"taken": False}  # nobody of ours
    assert (await replied(b, code, sender="x" * 20)).json() == {"taken": False}
    assert answers(b) == []


async def test_to_open_the_link_answers_nothing_and_its_button_does(b: Bureau) -> None:
    await called(b, FIRST, SECOND)
    _, link = await message(b)
    page = await b.client.get(link, headers={"accept": "text/html"})
    assert (page.status_code, "签收" in page.text, PHONE[3:] in page.text) == (200, True, False)
    assert answers(b) == []
    page = await b.client.post(link, headers={"accept": "text/html"})
    assert "您已签收" in page.text
    assert answers(b) == [(FIRST, "link")]
    _, other = await message(b, "+8619900020082")
    page = await b.client.post(other, headers={"accept": "text/html"})
    assert f"已由工号 {FIRST} 签收" in page.text
    assert answers(b) == [(FIRST, "link")]


@pytest.mark.parametrize("token", ["0" * 20, "g" * 20, "0" * 19, ".."])
async def test_a_link_that_was_never_sent_leads_nowhere(token: str, b: Bureau) -> None:
    await called(b, FIRST)
    answer = await b.client.post(f"/duty/{token}")
    assert answer.status_code in (404, 405, 422)
    assert answers(b) == []


async def test_a_form_of_another_site_answers_nothing(b: Bureau) -> None:
    await called(b, FIRST)
    _, link = await message(b)
    answer = await b.client.post(
        link, headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert answers(b) == []


async def test_an_answer_by_telephone_or_page_closes_the_links_too(b: Bureau) -> None:
    case = await called(b, FIRST)
    _, link = await message(b)
    answer = AlertAcknowledged(
        case_id=case.case_id, at=b.clock.at, by="10543", unit=BRIGADE, alert=ALERT, staff=SECOND,
        channel="phone",
    )  # fmt: skip
    await b.hear(answer, source="router")
    page = await b.client.post(link, headers={"accept": "text/html"})
    assert f"已由工号 {SECOND} 签收" in page.text
    assert answers(b) == []


async def test_a_link_dies_after_a_day(b: Bureau) -> None:
    await called(b, FIRST)
    code, link = await message(b)
    await b.forward(hours=25)
    assert (await b.client.post(link)).status_code == 404
    assert (await replied(b, code)).json() == {"taken": False}


async def test_neither_code_nor_link_can_be_read_from_the_database_or_the_events(b: Bureau) -> None:
    await called(b, FIRST)
    _, link = await message(b)
    token = link.removeprefix("/duty/")
    assert token not in b.dump("notifier_alert", "outbox", "delivery")
    assert PHONE not in b.dump("notifier_alert", "outbox", "delivery")


async def test_the_caller_hears_of_an_extension_with_its_reason(b: Bureau) -> None:
    case = b.received()
    await b.hear(case)
    b.clock.at = MORNING
    extended = longer(b, case)
    await b.hear(extended, extended.model_copy(update={"clock": "acceptance"}), source="router")
    text = await b.text("extended")
    assert "延长至2026-01-27，原因：情况复杂" in text
    assert b.told() == [("sms", "received"), ("sms", "extension")]


async def test_who_takes_no_text_messages_is_phoned_about_an_extension(b: Bureau) -> None:
    case = b.received(LANDLINE)
    await b.hear(case)
    extended = longer(b, case)
    await b.hear(extended, source="router")
    (row,) = b.rows("SELECT id, about FROM notifier_callback")
    headers = await b.bearer()
    answer = await b.client.post(f"/api/callbacks/{UUID(row['id'])}/told", headers=headers)
    assert (answer.status_code, answer.json()["what"]) == (200, "延长办理期限")
    assert b.told() == [("call", "extension")]
