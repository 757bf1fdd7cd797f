"""What agents do with a case, and what the status does not allow."""

from typing import Any

import pytest

from services.domain.events import AnswerGiven, CaseReopened, NoteAdded
from tests.intake.happenings import Course
from tests.intake.hotline import Hotline


async def act(desk: Hotline, made: dict[str, Any], action: str, body: object, **who: str) -> dict[str, Any]:
    answer = await desk.api("POST", f"/api/cases/{made['case_id']}/{action}", body, **who)
    result: dict[str, Any] = answer.json()
    return result | {"code": answer.status_code}


async def test_an_answer_on_the_phone_closes_an_inquiry(desk: Hotline) -> None:
    made = await desk.create(kind="inquiry", amount_owed=None)
    body = {"text": "按劳动合同法第三十条申请支付令", "articles": ["law-30", "faq-7"], "told": True}
    assert (await act(desk, made, "answer", body))["status"] == "closed"
    assert [row["type"] for row in desk.outbox()][1:] == ["AnswerGiven", "CallerInformed", "CaseClosed"]
    event = AnswerGiven.model_validate_json(desk.outbox("AnswerGiven")[0]["body"])
    assert event.articles == ("law-30", "faq-7")
    assert desk.keyring.open(event.text, event.case_id, "text") == body["text"]
    shown = await desk.show(made["case_id"])
    assert shown["timeline"][1]["words"] == body["text"]


async def test_an_answer_that_was_not_told_waits_for_the_notifier(desk: Hotline) -> None:
    made = await desk.create(kind="inquiry")
    assert (await act(desk, made, "answer", {"text": "可以"}))["status"] == "answered"
    await desk.hear(Course(desk, made).informed("answer"), source="notifier")
    assert (await desk.show(made["case_id"]))["status"] == "closed"


async def test_an_answer_to_somebody_without_an_address_is_on_the_web(desk: Hotline) -> None:
    made = await desk.create(kind="inquiry", caller=None)
    assert (await act(desk, made, "answer", {"text": "可以"}))["status"] == "closed"


async def test_a_note_is_for_staff(desk: Hotline) -> None:
    made = await desk.create(role="machine", name="union")
    assert (await act(desk, made, "notes", {"text": "来电人情绪激动"}))["code"] == 201
    event = NoteAdded.model_validate_json(desk.outbox("NoteAdded")[0]["body"])
    assert desk.keyring.open(event.note, event.case_id, "note") == "来电人情绪激动"
    assert (await desk.show(made["case_id"]))["timeline"][1]["words"] == "来电人情绪激动"
    seen = await desk.show(made["case_id"], role="machine", name="union")
    assert seen["timeline"][1]["words"] is None


async def test_a_case_with_an_open_task_is_not_closed(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    for event in (course.routed(), course.delivered(), course.accepted(), course.progressed()):
        await desk.hear(event)
        refused = await act(desk, made, "close", {"reason": "by_agent", "note": "算了"})
        assert (refused["code"], refused["type"]) == (409, "/problems/task-open")
    assert desk.outbox("NoteAdded") == [], "the note went with the refusal"
    await desk.hear(course.objected())
    assert (await act(desk, made, "close", {"reason": "withdrawn"}))["status"] == "closed"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("told", ["CallerInformed", "CaseClosed"]),
        ("answered", ["CallerInformed", "CaseClosed"]),
        ("by_agent", ["CaseClosed"]),
        ("unreachable", ["CaseClosed"]),
    ],
)
async def test_closing_with_a_result_says_whether_the_caller_knows(
    desk: Hotline, reason: str, said: list[str]
) -> None:
    made = await desk.create()
    await Course(desk, made).until_resolved()
    closed = await act(desk, made, "close", {"reason": reason, "note": "电话里说清楚了"})
    assert closed["status"] == "closed"
    assert [row["type"] for row in desk.outbox()][1:] == ["NoteAdded", *said]


async def test_a_closed_case_starts_again(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await course.until_resolved()
    await desk.hear(course.informed())
    assert (await act(desk, made, "close", {"reason": "by_agent"}))["code"] == 409
    assert (await act(desk, made, "reopen", {"reason": "钱没有到账"}))["status"] == "received"
    event = CaseReopened.model_validate_json(desk.outbox("CaseReopened")[0]["body"])
    assert event.reason is not None
    assert desk.keyring.open(event.reason, event.case_id, "reason") == "钱没有到账"
    shown = await desk.show(made["case_id"])
    assert (shown["outcome"], shown["informed_at"], shown["closed_at"]) == (None, None, None)
    again = await act(desk, made, "reopen", {"reason": "再来"})
    assert (again["code"], again["type"]) == (409, "/problems/action-not-allowed")
    assert "已登记" in again["detail"]


@pytest.mark.parametrize("action", ["answer", "close", "reopen", "notes", "correct", "callback"])
async def test_actions_on_a_case_that_is_not_there_are_404(desk: Hotline, action: str) -> None:
    bodies: dict[str, object] = {
        "answer": {"text": "a"}, "close": {"reason": "told"}, "reopen": {"reason": "a"},
        "notes": {"text": "a"}, "correct": {"urgent": True}, "callback": {"reached": True},
    }  # fmt: skip
    missing = {"case_id": "019bf988-0680-73ac-8f21-000000000000"}
    assert (await act(desk, missing, action, bodies[action]))["code"] == 404
    assert (await act(desk, missing, action, bodies[action], role="machine"))["code"] == 403
    assert (await act(desk, missing, action, {"colour": 1}))["code"] == 422
    assert (await act(desk, {"case_id": "x"}, action, bodies[action]))["code"] == 422
