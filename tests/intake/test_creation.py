"""A case that was answered with 201 is stored, wholly, once, and says nothing readable to the log."""

import asyncio
import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.domain.events import CaseReceived
from services.domain.identifiers import parse_number
from services.intake import idempotency
from tests.intake.hotline import HOME, NAME, PHONE, WAGE, WORK, Hotline, hotline

CANARIES = (NAME, PHONE, HOME, WORK, "瞻园路", "天元西路", "年前说结清")


async def test_a_case_is_stored_and_said(desk: Hotline) -> None:
    answer = await desk.post_case(WAGE)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"/api/cases/{made['case_id']}" == made["links"]["self"]
    assert parse_number(made["number"]) == made["number"]
    assert (made["status"], made["kind"], made["report_type"]) == ("received", "wage_arrears", "complaint")
    assert len(made["tracking_code"]) == 6
    [row] = desk.outbox()
    event = CaseReceived.model_validate_json(row["body"])
    assert str(event.case_id) == made["case_id"]
    assert event.work is not None
    assert event.work.district == "320115"
    assert event.residence is not None
    assert event.residence.district == "320104"
    assert (event.amount_owed_fen, event.workers_affected) == (840050, 9)
    assert event.told_by == "notifier"
    assert event.by == "agent"


async def test_those_who_act_can_open_the_full_record(desk: Hotline) -> None:
    made = await desk.create()
    [row] = desk.outbox()
    event = CaseReceived.model_validate_json(row["body"])
    task_only = desk.keyring.without("contact", "identity")
    record = json.loads(task_only.open(event.record, event.case_id, "record"))
    assert record["text"] == WAGE["text"]
    assert record["caller"] == {"name": NAME, "phone": "+86" + PHONE, "residence": HOME}
    assert record["employer"]["work_address"] == WORK
    assert record["amount_owed"] == 8400.5
    contact_only = desk.keyring.without("task", "identity")
    assert event.contact is not None
    contact = json.loads(contact_only.open(event.contact, event.case_id, "contact"))
    assert contact == {
        "name": NAME, "phone": "+86" + PHONE, "phone_kind": "mobile", "callback_url": None,
        "callback_client": None, "code": made["tracking_code"],
    }  # fmt: skip


async def test_no_personal_data_is_readable_in_any_file_or_error(tmp_path: Path) -> None:
    async with hotline(tmp_path, with_log=True) as desk:
        await desk.create()
        await _refusals_say_nothing(desk)
        await _until_published(desk)
        assert _readable_in(desk.folder) == {}
    assert _readable_in(tmp_path) == {}


def _readable_in(folder: Path) -> dict[str, list[str]]:
    """Canaries by file: everything on disk, with write-ahead logs."""
    found = {}
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        if readable := [canary for canary in CANARIES if canary.encode() in content]:
            found[path.name] = readable
    return found


async def _until_published(desk: Hotline) -> None:
    for _ in range(100):
        if desk.rows("SELECT 1 FROM outbox WHERE published_at IS NOT NULL"):
            break
        await asyncio.sleep(0.05)
    with sqlite3.connect(desk.folder / "log.db") as log:
        assert log.execute("SELECT type FROM record").fetchall() == [("CaseReceived",)]


async def _refusals_say_nothing(desk: Hotline) -> None:
    for broken in (
        {"caller": {"name": NAME, "phone": PHONE + "x"}},
        {"caller": {"name": NAME, "phone": PHONE, "residence_district": "999999"}},
        {"text": None, "caller": {"name": NAME, HOME: PHONE}},
        {"amount_owed": NAME},
    ):
        body = {key: value for key, value in (WAGE | broken).items() if value is not None}
        answer = await desk.post_case(body)
        assert answer.status_code == 422
        assert not [canary for canary in CANARIES if canary in answer.text]


async def test_the_same_key_and_body_give_the_same_answer_once(desk: Hotline) -> None:
    first = await desk.post_case(WAGE, key="k-1")
    spelt_otherwise = json.dumps(dict(reversed(WAGE.items())) | {"recording_ref": None}, indent=2)
    again = await desk.client.post(
        "/api/cases",
        content=spelt_otherwise,
        headers={"content-type": "application/json", "idempotency-key": '"k-1"'} | await desk.bearer(),
    )
    assert again.status_code == 201
    assert again.content == first.content
    assert desk.count("intake_case") == 1
    assert len(desk.outbox("CaseReceived")) == 1


async def test_the_same_key_with_another_body_is_refused(desk: Hotline) -> None:
    await desk.post_case(WAGE, key="k-1")
    answer = await desk.post_case(WAGE | {"amount_owed": 1}, key="k-1")
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-key-reused"
    assert desk.count("intake_case") == 1


async def test_two_clients_may_use_the_same_key(desk: Hotline) -> None:
    first = await desk.post_case(WAGE, key="k-1", role="machine", name="bank")
    second = await desk.post_case(WAGE, key="k-1", role="machine", name="union")
    assert first.json()["case_id"] != second.json()["case_id"]


async def test_twenty_requests_with_one_key_at_once_are_one_case(desk: Hotline) -> None:
    others = [desk.post_case(WAGE, key=f"other-{n}") for n in range(10)]
    answers = await asyncio.gather(*(desk.post_case(WAGE, key="k-1") for _ in range(20)), *others)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers[:20]}) == 1
    assert desk.count("intake_case") == 11
    assert desk.count("intake_timeline") == 11
    assert len(desk.outbox("CaseReceived")) == 11


async def test_a_key_is_known_after_a_restart_and_forgotten_after_seven_days(tmp_path: Path) -> None:
    async with hotline(tmp_path) as before:
        first = await before.post_case(WAGE, key="k-1")
    async with hotline(tmp_path) as desk:
        group = await asyncio.gather(*(desk.post_case(WAGE, key=key) for key in ("k-1", "k-2", "k-1", "k-3")))
        assert [answer.status_code for answer in group] == [201] * 4
        assert group[0].content == group[2].content == first.content
        other = await desk.post_case(WAGE | {"amount_owed": 1}, key="k-1")
        assert other.json()["type"] == "/problems/idempotency-key-reused"
        assert desk.count("intake_case") == 3
        desk.clock.forward(days=7, seconds=1)
        assert await desk.service.store.run(idempotency.prune) == 3
        assert desk.count("intake_idempotency") == 0
        assert timedelta(days=7) == idempotency.KEEP


async def test_a_machine_must_send_a_key_and_a_person_need_not(desk: Hotline) -> None:
    answer = await desk.api("POST", "/api/cases", WAGE, role="machine")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/idempotency-key-required"
    await desk.sign_in()
    headers = {"x-csrf-token": await desk.csrf()}
    made = await desk.client.post("/api/cases", json=WAGE, headers=headers)
    assert made.status_code == 201
    assert desk.rows("SELECT staff_number, client FROM intake_case")[0]["staff_number"] == "10543"


async def test_numbers_are_unique_and_codes_are_stored_nowhere(desk: Hotline) -> None:
    made: list[dict[str, Any]] = [await desk.create() for _ in range(5)]
    assert len({one["number"] for one in made}) == 5
    codes = [one["tracking_code"] for one in made]
    stored = json.dumps([tuple(row) for row in desk.rows("SELECT * FROM intake_idempotency")], default=str)
    assert not [code for code in codes if f'"{code}"' in stored]
    assert "tracking_code" not in stored


async def test_f17_two_cases_that_draw_the_same_number_at_once_get_two(desk: Hotline) -> None:
    """The second draw of a number collides with the first, and is drawn again."""
    chance = desk.service.store.around.random
    before = chance.getstate()
    first = (await desk.post_case(WAGE)).json()
    chance.setstate(before)
    second = (await desk.post_case(WAGE)).json()
    assert first["number"] != second["number"]
    assert desk.count("intake_case") == 2
    assert len(desk.outbox("CaseReceived")) == 2


async def test_a_petition_is_tagged_and_no_other_tag_is_known(desk: Hotline) -> None:
    assert (await desk.post_case(WAGE | {"tags": ["petition"]})).status_code == 201
    (event,) = desk.outbox("CaseReceived")
    assert json.loads(event["body"])["tags"] == ["petition"]
    for tags in (["vip"], "petition", [1], ["petition", "petition"]):
        assert (await desk.post_case(WAGE | {"tags": tags})).status_code == 422
