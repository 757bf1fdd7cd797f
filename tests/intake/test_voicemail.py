"""Voice mails: with or without a transcript, on a list with an owner and a time, until the caller knows."""

import asyncio
import json
from typing import Any

import pytest

from services.domain.events import CaseClosed
from services.intake.voicemail import waiting
from tests.intake.browser import BROWSER, plain, post
from tests.intake.hotline import CITY, PHONE, Hotline

MAIL: dict[str, Any] = {
    "channel": "voicemail",
    "recording_ref": "rec/2026/0126-17",
    "caller": {"phone": PHONE},
}


async def left(desk: Hotline, **said: object) -> dict[str, Any]:
    answer = await desk.post_case(MAIL | said, role="machine", name="pbx")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def listed(desk: Hotline) -> list[dict[str, Any]]:
    answer = await desk.api("GET", "/api/voicemail")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["voicemails"]
    return found


async def take(desk: Hotline, made: dict[str, Any], name: str, **body: object) -> Any:
    return await desk.api("POST", f"/api/cases/{made['case_id']}/take", body, name=name)


async def test_a_voice_mail_without_a_transcript_is_kept_and_held_for_a_person(desk: Hotline) -> None:
    made = await left(desk)
    assert made["kind"] == "other"
    (received,) = desk.outbox("CaseReceived")
    said = json.loads(received["body"])
    assert (said["channel"], said["tags"]) == ("voicemail", ["kind_unsure"])
    shown = await desk.show(made["case_id"])
    assert (shown["record"]["text"], shown["record"]["recording_ref"]) == ("", "rec/2026/0126-17")
    assert (shown["channel"], shown["created_by"], shown["owner"]) == ("voicemail", "pbx", None)


async def test_a_transcript_says_what_kind_it_is(desk: Hotline) -> None:
    made = await left(desk, text="喂，我留个言，江宁那个工地，老板拖欠我三个月工资，一直不给，麻烦回电话。")
    assert (made["kind"], made["report_type"]) == ("wage_arrears", "complaint")


@pytest.mark.parametrize(
    "body",
    [
        {"channel": "voicemail", "caller": {"phone": PHONE}},
        {"channel": "voicemail", "recording_ref": "", "text": ""},
        {"channel": "phone", "recording_ref": "rec/1"},
        {"recording_ref": "rec/1", "text": ""},
        {"channel": "sms", "text": "   "},
    ],
)
async def test_nothing_said_and_nothing_recorded_is_no_case(desk: Hotline, body: dict[str, Any]) -> None:
    answer = await desk.post_case(body)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["text"]
    assert desk.count("intake_case") == 0


async def test_the_list_says_until_when_each_must_be_answered(desk: Hotline) -> None:
    first, second = await left(desk), await left(desk, text="请问养老保险怎么补缴？")
    await desk.create()
    one, two = await listed(desk)
    assert [one["case"]["number"], two["case"]["number"]] == [first["number"], second["number"]]
    assert (one["due"], one["provisional"], one["overdue"]) == ("2026-01-29T09:30:00Z", False, False)
    desk.clock.forward(days=4)
    assert [one["overdue"] for one in await listed(desk)] == [True, True]


async def test_somebody_with_a_name_sees_to_it_and_a_colleague_only_after_saying_so(desk: Hotline) -> None:
    made = await left(desk)
    assert (await take(desk, made, "10543")).status_code == 200
    assert (await take(desk, made, "10543")).status_code == 200
    refused = await take(desk, made, "10600")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "taken-already")
    assert [one["owner"] for one in await listed(desk)] == ["10543"]
    assert (await take(desk, made, "10600", instead=True)).status_code == 200
    shown = await desk.show(made["case_id"])
    assert shown["owner"] == "10600"
    told = [one["text"] for one in shown["timeline"] if one["type"] == "CaseTaken"]
    assert told == ["由 10543 接办", "由 10600 接办"]
    assert len(desk.outbox("CaseTaken")) == 2


async def test_two_who_take_it_at_the_same_time_do_not_both_get_it(desk: Hotline) -> None:
    made = await left(desk)
    for name in ("10543", "10600"):
        await desk.bearer(name=name)
    answers = await asyncio.gather(take(desk, made, "10543"), take(desk, made, "10600"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_machine_sees_neither_the_list_nor_takes_anything(desk: Hotline) -> None:
    made = await left(desk)
    assert (await desk.api("GET", "/api/voicemail", role="machine", name="pbx")).status_code == 403
    path = f"/api/cases/{made['case_id']}/take"
    assert (await desk.api("POST", path, {}, role="machine", name="pbx")).status_code == 403
    assert (
        await desk.api("POST", "/api/cases/01980a3c-6d2e-7c41-9b5f-2f4a6c8e0d13/take", {})
    ).status_code == 404


async def test_it_leaves_the_list_when_the_caller_was_told(desk: Hotline) -> None:
    made = await left(desk)
    path = f"/api/cases/{made['case_id']}"
    assert (
        await desk.api("POST", path + "/answer", {"text": "已电话说明。", "told": True})
    ).status_code == 200
    assert await listed(desk) == []
    assert (await take(desk, made, "10543")).status_code == 409


async def test_a_transcript_may_come_later_as_a_correction(desk: Hotline) -> None:
    made = await left(desk)
    path = f"/api/cases/{made['case_id']}/correct"
    body = {"kind": "inquiry", "text": "问养老保险怎么补缴。", "recording_ref": "rec/2026/0126-17b"}
    assert (await desk.api("POST", path, body)).status_code == 200
    shown = await desk.show(made["case_id"])
    assert (shown["kind"], shown["record"]["text"]) == ("inquiry", "问养老保险怎么补缴。")
    assert shown["record"]["recording_ref"] == "rec/2026/0126-17b"
    assert (await desk.api("POST", path, {"text": ""})).status_code == 422


async def test_the_page_lists_them_and_takes_one_with_a_button(desk: Hotline) -> None:
    made = await left(desk)
    await desk.sign_in()
    page = await desk.client.get("/desk/voicemail", headers=BROWSER)
    assert "还没人接办" in plain(page.text)
    assert PHONE not in page.text
    answer = await post(desk, f"/desk/cases/{made['case_id']}/take", {"csrf_token": await desk.csrf()})
    assert answer.status_code == 303
    shown = plain((await desk.client.get(answer.headers["location"], headers=BROWSER)).text)
    assert "请听录音" in shown
    assert "由 10543 接办" in shown
    assert "还没人接办" not in (await desk.client.get("/desk/voicemail", headers=BROWSER)).text


async def test_an_empty_list_says_so(desk: Hotline) -> None:
    await desk.sign_in()
    page = await desk.client.get("/desk/voicemail", headers=BROWSER)
    assert "没有待回复的语音留言" in page.text


async def test_the_list_is_found_by_its_index_and_closed_ones_are_not_in_it(desk: Hotline) -> None:
    made = await left(desk)
    await desk.create()
    closed = CaseClosed(case_id=desk.case_id(made), at=desk.clock(), reason="withdrawn")
    await left(desk)
    await desk.hear(closed, source="intake")
    found = await desk.service.store.read(lambda look: waiting(look, CITY, desk.clock()))
    assert len(found) == 1
    plan = desk.rows(
        "EXPLAIN QUERY PLAN SELECT case_id FROM intake_case"
        " WHERE channel = 'voicemail' AND closed_at IS NULL ORDER BY case_id LIMIT 200"
    )
    assert [row["detail"] for row in plan] == ["SCAN intake_case USING INDEX intake_case_voicemail"]


async def test_an_agent_who_listened_writes_down_what_it_is_about_on_the_page(desk: Hotline) -> None:
    made = await left(desk)
    await desk.sign_in()
    path = f"/desk/cases/{made['case_id']}"
    data = {"csrf_token": await desk.csrf(), "kind": "inquiry", "text": "问养老保险怎么补缴。"}
    assert (await post(desk, path + "/correct", data)).status_code == 303
    shown = await desk.show(made["case_id"])
    assert (shown["kind"], shown["record"]["text"]) == ("inquiry", "问养老保险怎么补缴。")
    again = await post(desk, path + "/correct", data)
    assert again.status_code == 422
    assert "没有要更正的" in plain(again.text)


async def test_a_case_in_doubt_shows_what_its_text_may_be_about(desk: Hotline) -> None:
    made = await left(desk, text="有件事想说，我以前在厂里上班")
    row = desk.rows("SELECT tags FROM intake_case")[0]
    assert (made["kind"], row["tags"]) == ("other", '["kind_unsure"]')
    await desk.sign_in()
    page = await desk.client.get(f"/desk/cases/{made['case_id']}", headers=BROWSER)
    assert "没有人选过类型" in plain(page.text)
