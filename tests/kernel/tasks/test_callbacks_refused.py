"""Call-backs that are forged, old, malformed or another's: each is told why, and nothing changes."""

import json
from datetime import timedelta

import pytest

from services.kernel.webhooks import sign
from tests.kernel.tasks.kinds import NAME, secret
from tests.kernel.tasks.town import Town
from tests.kernel.tasks.voice import Said, body, unchanged


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
