"""Call-backs: a genuine one moves the unit's own task once; any other changes nothing and is told why."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.domain.events import OutcomeReported, TaskAccepted, TaskObjected, TaskProgressed
from services.kernel.columns import table
from services.kernel.store import Tx
from services.kernel.tasks.models import TaskMessage
from services.kernel.tasks.steps import forget_messages
from services.kernel.webhooks import sign
from tests.kernel.tasks.town import NAME, Kind, Town, secret, town

Said = dict[str, object]


@pytest.fixture
async def here(tmp_path: Path, kind: Kind) -> AsyncIterator[Town]:
    """A town with one task on its way to a unit whose system does not answer."""
    async with town(tmp_path, kind, "http://127.0.0.1:9") as found:
        await found.say(found.routed())
        await found.state("open")
        yield found


async def body(here: Town, type_: str, **fields: object) -> Said:
    return {"type": type_, "task": (await here.task()).key, "at": here.clock().isoformat(), **fields}


async def unchanged(here: Town, response: httpx.Response, status: int, slug: str) -> None:
    """The answer is this problem, and nothing moved."""
    assert (response.status_code, response.json().get("type")) == (status, f"/problems/{slug}"), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    task = await here.task()
    assert (task.state, task.history) == ("open", "[]")
    assert await here.said() == []
    messages = await here.service.store.read(
        lambda s: s.connection().execute(table(TaskMessage).select()).all()
    )
    assert messages == []


async def test_the_four_call_backs_move_the_task_and_say_so(here: Town) -> None:
    keyring, unit = here.parts.keyring, here.kind.unit
    accepted = await here.call_back(await body(here, "task.accepted", officer="10543"), message_id="a")
    assert accepted.json() == {"task": (await here.task()).key, "state": "accepted", "again": False}
    await here.call_back(
        await body(here, "task.progressed", step="site_visit", note="到现场了"), message_id="b"
    )
    done = await body(
        here, "task.completed", outcome="paid", resolved=True, summary="已结清。", amount_recovered=12000.5
    )
    assert (await here.call_back(done, message_id="c")).status_code == 200
    first, second, third = await here.events()
    assert isinstance(first, TaskAccepted)
    assert (first.officer, first.by, first.unit) == ("10543", unit, unit)
    assert isinstance(second, TaskProgressed)
    assert second.note is not None
    assert keyring.open(second.note, second.case_id, "note") == "到现场了"
    assert isinstance(third, OutcomeReported)
    assert (third.outcome, third.resolved, third.amount_recovered_fen) == ("paid", True, 1200050)
    assert third.summary is not None
    assert keyring.open(third.summary, third.case_id, "summary") == "已结清。"
    assert (await here.task()).state == "completed"


async def test_an_objection_says_why_and_who_should_have_it(here: Town) -> None:
    said = await body(
        here, "task.objected", reason="not_our_district", note="在鼓楼", proposed_unit="inspection-gulou"
    )
    assert (await here.call_back(said)).json()["state"] == "objected"
    [event] = await here.events()
    assert isinstance(event, TaskObjected)
    assert (event.reason, event.proposed_unit) == ("not_our_district", "inspection-gulou")


async def test_a_replayed_message_is_answered_again_and_moves_nothing(here: Town) -> None:
    said = await body(here, "task.progressed", step="site_visit")
    answers = [await here.call_back(said, message_id="same") for _ in range(3)]
    assert [answer.json()["again"] for answer in answers] == [False, True, True]
    assert await here.said() == ["TaskProgressed"]
    last = await body(here, "task.completed", outcome="helped")
    assert (await here.call_back(last, message_id="last")).json()["again"] is False
    for message in ("same", "last"):
        again = await here.call_back(said if message == "same" else last, message_id=message)
        assert (again.status_code, again.json()) == (
            200, {"task": last["task"], "state": "completed", "again": True},
        )  # fmt: skip


async def test_one_message_sent_many_times_at_once_moves_the_task_once(here: Town) -> None:
    said = await body(here, "task.accepted")
    answers = await asyncio.gather(*(here.call_back(said, message_id="x") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(not answer.json()["again"] for answer in answers) == 1
    assert await here.said() == ["TaskAccepted"]


async def test_another_units_signature_is_refused(here: Town) -> None:
    response = await here.call_back(await body(here, "task.accepted"), signer=here.kind.other)
    await unchanged(here, response, 401, "unverified")


async def test_another_units_task_does_not_exist_for_it(here: Town) -> None:
    response = await here.http.post("/api/partners/nobody-at-all/events", content=b"{}")
    assert response.status_code == 404
    if here.kind.other.startswith(here.kind.service):
        response = await here.call_back(await body(here, "task.accepted"), unit=here.kind.other)
        await unchanged(here, response, 404, "not-found")


async def test_a_unit_that_nobody_knows_is_not_told_from_a_forged_one(here: Town) -> None:
    said = await body(here, "task.accepted")
    unknown = await here.call_back(said, unit=f"{here.kind.service}-nowhere")
    forged = await here.call_back(said, signer="somebody else")
    await unchanged(here, unknown, 401, "unverified")
    assert unknown.json() == forged.json()


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24, 60 * 24 * 365])
async def test_an_old_or_future_time_is_refused(here: Town, minutes: int) -> None:
    at = here.clock() + timedelta(minutes=minutes)
    await unchanged(here, await here.call_back(await body(here, "task.accepted"), at=at), 401, "unverified")


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-id": ""}, {"webhook-id": "x" * 300}, {"webhook-id": "a b"}, {"webhook-timestamp": "now"},
        {"webhook-timestamp": "-1"}, {"webhook-timestamp": "99999999999999999999"}, {"webhook-timestamp": ""},
        {"webhook-signature": ""}, {"webhook-signature": "v1,"}, {"webhook-signature": "v1,not base64!"},
        {"webhook-signature": "v2," + "A" * 43 + "="}, {"webhook-signature": " ".join(["v1,AAAA"] * 500)},
    ],
)  # fmt: skip
async def test_malformed_headers_are_refused(here: Town, headers: dict[str, str]) -> None:
    response = await here.call_back(await body(here, "task.accepted"), headers=headers)
    await unchanged(here, response, 401, "unverified")


async def test_a_body_changed_after_signing_is_refused(here: Town) -> None:
    said = json.dumps(await body(here, "task.accepted")).encode()
    headers = sign(secret(here.kind.unit), "m", here.clock(), said)
    response = await here.http.post(
        f"/api/partners/{here.kind.unit}/events",
        content=said.replace(b"accepted", b"objected"),
        headers=headers,
    )
    await unchanged(here, response, 401, "unverified")


@pytest.mark.parametrize(
    ("fields", "status", "slug"),
    [
        ({"type": "task.accepted", "mood": "good"}, 422, "invalid-request"),
        ({"type": "task.accepted", "officer": "王秀英"}, 422, "invalid-request"),
        ({"type": "task.accepted", "at": "yesterday"}, 422, "invalid-request"),
        ({"type": "task.accepted", "at": "2026-09-30T15:00:00"}, 422, "invalid-request"),
        ({"type": "task.accepted", "task": 5}, 422, "invalid-request"),
        ({"type": "task.started"}, 422, "invalid-request"),
        ({"type": None}, 422, "invalid-request"),
        ({"type": "task.objected", "reason": "no_time"}, 422, "unknown-code"),
        ({"type": "task.objected"}, 422, "invalid-request"),
        ({"type": "task.objected", "reason": "other", "proposed_unit": "江宁"}, 422, "invalid-request"),
        ({"type": "task.progressed", "step": "Site visit"}, 422, "invalid-request"),
        ({"type": "task.completed", "outcome": "won"}, 422, "unknown-code"),
        ({"type": "task.completed", "outcome": "paid", "amount_recovered": -1}, 422, "invalid-request"),
        ({"type": "task.completed", "outcome": "paid", "amount_recovered": 1.234}, 422, "invalid-request"),
        ({"type": "task.completed", "outcome": "paid", "amount_recovered": 1e300}, 422, "invalid-request"),
        ({"type": "task.completed", "outcome": "paid", "summary": "x" * 2001}, 422, "invalid-request"),
    ],
)
async def test_words_that_make_no_sense_are_refused_and_never_repeated(
    here: Town, fields: Said, status: int, slug: str
) -> None:
    response = await here.call_back(await body(here, "task.accepted") | fields)
    await unchanged(here, response, status, slug)
    assert NAME not in response.text
    assert "yesterday" not in response.text


@pytest.mark.parametrize(
    ("raw", "status", "slug"),
    [
        (b"", 400, "malformed-body"), (b"{", 400, "malformed-body"), (b"[]", 422, "invalid-request"),
        (b"null", 422, "invalid-request"), (b'{"a":' * 30 + b"1" + b"}" * 30, 400, "nested-too-deep"),
        (b'{"type":"task.accepted","task":"\\ud800"}', 400, "malformed-body"),
        (b'{"type":"\\u0000"}', 400, "malformed-body"),
        (b'{"x":"' + b"y" * 100_000 + b'"}', 413, "body-too-large"),
    ],
)  # fmt: skip
async def test_a_body_that_is_no_call_back_is_refused(here: Town, raw: bytes, status: int, slug: str) -> None:
    await unchanged(here, await here.call_back(raw), status, slug)


async def test_bytes_that_are_no_text_are_refused(here: Town) -> None:
    response = await here.call_back(await body(here, "task.accepted"))
    assert response.status_code == 200
    bad = await here.http.post(f"/api/partners/{here.kind.unit}/events", content=b"\xff\xfe")
    assert bad.status_code in (400, 401)


async def test_a_deep_body_under_another_content_type_is_refused_too(here: Town) -> None:
    deep = b'{"a":' * 30 + b"1" + b"}" * 30
    response = await here.call_back(deep, headers={"content-type": "text/plain"})
    await unchanged(here, response, 400, "nested-too-deep")


IMPOSSIBLE = [
    (["task.accepted"], "task.accepted"),
    (["task.progressed"], "task.accepted"),
    (["task.completed"], "task.accepted"),
    (["task.completed"], "task.progressed"),
    (["task.completed"], "task.objected"),
    (["task.completed"], "task.completed"),
    (["task.objected"], "task.accepted"),
    (["task.objected"], "task.completed"),
]
FIELDS: dict[str, Said] = {
    "task.accepted": {},
    "task.progressed": {"step": "site_visit"},
    "task.objected": {"reason": "other"},
    "task.completed": {"outcome": "helped"},
}


@pytest.mark.parametrize(("before", "then"), IMPOSSIBLE)
async def test_an_impossible_step_is_a_conflict_and_changes_nothing(
    here: Town, before: list[str], then: str
) -> None:
    for number, type_ in enumerate(before):
        said = await body(here, type_, **FIELDS[type_])
        assert (await here.call_back(said, message_id=f"b{number}")).status_code == 200
    task, said_before = await here.task(), await here.said()
    response = await here.call_back(await body(here, then, **FIELDS[then]), message_id="then")
    assert (response.status_code, response.json()["type"]) == (409, "/problems/task-step-impossible")
    assert response.json()["retryable"] is False
    after = await here.task()
    assert (after.state, after.history) == (task.state, task.history)
    assert await here.said() == said_before


async def test_message_ids_are_forgotten_after_thirty_days(here: Town) -> None:
    await here.call_back(await body(here, "task.accepted"))

    def count(tx: Tx) -> int:
        return len(tx.connection().execute(table(TaskMessage).select()).all())

    here.clock.by += timedelta(days=29)
    assert await here.service.store.run(forget_messages) == 0
    here.clock.by += timedelta(days=2)
    assert await here.service.store.run(forget_messages) == 1
    assert await here.service.store.run(count) == 0
