"""A report (举报, 条例 art 9): who made it never leaves intake, and intake itself tells the result."""

import json
from typing import Any

from services.domain.events import CallerInformed, CaseReceived
from tests.intake.happenings import Course
from tests.intake.hotline import HOME, NAME, PHONE, Hotline


async def make(desk: Hotline, **changes: Any) -> dict[str, Any]:
    return await desk.create(report_type="report", **changes)


def received(desk: Hotline) -> CaseReceived:
    return CaseReceived.model_validate_json(desk.outbox("CaseReceived")[0]["body"])


async def test_the_event_holds_nothing_of_who_reported(desk: Hotline) -> None:
    await make(desk)
    event = received(desk)
    assert event.told_by == "intake"
    assert event.contact is None
    record = json.loads(desk.keyring.open(event.record, event.case_id, "record"))
    assert record["caller"] is None
    everything = json.dumps(record, ensure_ascii=False)
    assert not [word for word in (NAME, PHONE, HOME) if word in everything]
    assert event.residence is not None, "the district alone says nothing about who"


async def test_without_a_phone_nobody_is_told_and_with_a_call_back_address_the_client_is(
    desk: Hotline,
) -> None:
    await make(desk, caller={"anonymous": True})
    assert received(desk).told_by == "nobody"
    await desk.create(
        role="machine", report_type="report", caller=None, callback_url="https://example.org/cb"
    )
    event = CaseReceived.model_validate_json(desk.outbox("CaseReceived")[1]["body"])
    assert event.told_by == "notifier"
    assert event.contact is not None
    contact = json.loads(desk.keyring.open(event.contact, event.case_id, "contact"))
    assert (contact["name"], contact["phone"]) == (None, None)
    assert (contact["callback_url"], contact["callback_client"]) == ("https://example.org/cb", "machine")


async def test_only_those_who_may_lift_the_seal_see_who_reported(desk: Hotline) -> None:
    made = await make(desk)
    for role, name in (("agent", None), ("supervisor", NAME)):
        record = (await desk.show(made["case_id"], role=role))["record"]
        assert (record["caller"] or {}).get("name") == name
        assert record["identity_withheld"] is (name is None)
    own = await desk.create(role="machine", name="union", report_type="report")
    assert (await desk.show(own["case_id"], role="machine", name="union"))["record"]["caller"] is None


async def test_a_report_is_not_found_by_its_callers_number(desk: Hotline) -> None:
    made, complaint = await make(desk), await desk.create()
    for role, found in (("agent", [complaint]), ("supervisor", [complaint, made])):
        answer = await desk.api("POST", "/api/cases/search", {"phone": PHONE}, role=role)
        assert [one["number"] for one in answer.json()["cases"]] == [one["number"] for one in found]
    by_number = await desk.api("POST", "/api/cases/search", {"number": made["number"].lower()})
    assert [one["case_id"] for one in by_number.json()["cases"]] == [made["case_id"]]


async def test_the_result_waits_for_a_call_and_closes_when_told(desk: Hotline) -> None:
    made = await make(desk)
    await Course(desk, made).until_resolved()
    [waiting] = desk.rows("SELECT * FROM intake_callback")
    assert (waiting["state"], waiting["about"], waiting["attempts"]) == ("due", "outcome", 0)
    path = f"/api/cases/{made['case_id']}/callback"
    answer = await desk.api("POST", path, {"reached": True})
    assert answer.json()["status"] == "closed"
    [said] = desk.outbox("CallerInformed")
    event = CallerInformed.model_validate_json(said["body"])
    assert (event.channel, event.about, event.attempts, event.by) == ("callback", "outcome", 1, "agent")
    again = await desk.api("POST", path, {"reached": True})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/no-callback")


async def test_three_timed_attempts_close_as_unreachable(desk: Hotline) -> None:
    made = await make(desk)
    await Course(desk, made).until_resolved()
    path = f"/api/cases/{made['case_id']}/callback"
    for attempt in range(3):
        if attempt:
            early = await desk.api("POST", path, {"reached": False})
            assert (early.status_code, early.json()["type"]) == (409, "/problems/not-due")
            desk.clock.forward(hours=2)
        answer = await desk.api("POST", path, {"reached": False})
        assert answer.status_code == 200
    assert answer.json()["status"] == "closed"
    assert [row["type"] for row in desk.outbox()][1:] == ["CallerUnreachable", "CaseClosed"]
    assert desk.rows("SELECT state FROM intake_callback")[0]["state"] == "unreachable"


async def test_closing_a_report_otherwise_takes_its_call_back_off_the_list(desk: Hotline) -> None:
    made = await make(desk)
    await Course(desk, made).until_resolved()
    closed = await desk.api("POST", f"/api/cases/{made['case_id']}/close", {"reason": "withdrawn"})
    assert closed.json()["status"] == "closed"
    assert desk.rows("SELECT state FROM intake_callback")[0]["state"] == "dropped"
    reopened = await desk.api("POST", f"/api/cases/{made['case_id']}/reopen", {"reason": "又拖欠"})
    assert reopened.json()["status"] == "received"
    await Course(desk, made).until_resolved()
    assert desk.rows("SELECT state, attempts FROM intake_callback")[0]["state"] == "due"
