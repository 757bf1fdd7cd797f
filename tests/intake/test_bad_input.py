"""Whatever is sent: a clear problem, nothing stored, never a 500."""

import json
from typing import Any

import pytest

from tests.intake.hotline import WAGE, Hotline

Body = dict[str, Any]


def changed(**changes: object) -> Body:
    return {key: value for key, value in (WAGE | changes).items() if value is not None}


BAD: list[tuple[str, object, int, str, str]] = [
    ("no text", changed(text=None), 422, "invalid-request", "text"),
    ("empty text", changed(text="   "), 422, "invalid-request", "text"),
    ("6,001 characters", changed(text="欠" * 6001), 422, "invalid-request", "text"),
    ("control characters", changed(text="欠\x07薪"), 422, "invalid-request", "text"),
    ("unknown field", changed(colour="red"), 422, "invalid-request", ""),
    ("unknown inner field", changed(caller={"age": 50}), 422, "invalid-request", "caller"),
    ("unknown kind", changed(kind="wages"), 422, "invalid-request", "kind"),
    ("unknown channel", changed(channel="fax"), 422, "invalid-request", "channel"),
    ("text is a number", changed(text=5), 422, "invalid-request", "text"),
    ("caller is a text", changed(caller="me"), 422, "invalid-request", "caller"),
    ("urgent in quotes", changed(urgent="yes"), 422, "invalid-request", "urgent"),
    ("amount of three decimals", changed(amount_owed=1.234), 422, "invalid-request", "amount_owed"),
    ("negative amount", changed(amount_owed=-1), 422, "invalid-request", "amount_owed"),
    ("huge amount", changed(amount_owed=10**15), 422, "invalid-request", "amount_owed"),
    ("half a worker", changed(workers_affected=1.5), 422, "invalid-request", "workers_affected"),
    ("district of five digits", changed(employer={"work_district": "32011"}), 422, "invalid-request",
     "employer.work_district"),
    ("district elsewhere", changed(employer={"work_district": "310115"}), 422, "unknown-district",
     "employer.work_district"),
    ("residence elsewhere", changed(caller={"residence_district": "110101"}), 422, "unknown-district",
     "caller.residence_district"),
    ("short phone", changed(caller={"phone": "1385146729"}), 422, "phone-length", "caller.phone"),
    ("phone of letters", changed(caller={"phone": "call me"}), 422, "phone-characters", "caller.phone"),
    ("wrong credit code", changed(employer={"uscc": "91320100MA1ABCDE00"}), 422, "uscc-check",
     "employer.uscc"),
    ("report type of an inquiry", changed(kind="inquiry", report_type="report"), 422, "report-type-kind",
     "report_type"),
    ("anonymous complaint", changed(report_type="complaint", caller={"anonymous": True}), 422,
     "complaint-anonymous", "report_type"),
    ("anonymous with a name", changed(caller={"anonymous": True, "name": "王"}), 422, "anonymous-name",
     "report_type"),
    ("call-back address", changed(callback_url="ftp://example.org/x"), 422, "callback-url", "callback_url"),
    ("call-back with a user", changed(callback_url="https://me@example.org/"), 422, "callback-url",
     "callback_url"),
    ("call-back without a host", changed(callback_url="https:///x"), 422, "callback-url", "callback_url"),
    ("a list", [WAGE], 422, "invalid-request", ""),
    ("nothing", None, 422, "invalid-request", ""),
]  # fmt: skip


@pytest.mark.parametrize(("what", "body", "status", "slug", "field"), BAD, ids=[bad[0] for bad in BAD])
async def test_bad_fields_are_refused_by_name(
    desk: Hotline, what: str, body: object, status: int, slug: str, field: str
) -> None:
    answer = await send(desk, json.dumps(body, ensure_ascii=False).encode())
    assert answer["status"] == status, what
    assert answer["type"] == f"/problems/{slug}"
    assert [error["field"] for error in answer["errors"]] == [field]
    assert answer["errors"][0]["problem"]
    assert answer["errors"][0]["problem_en"]
    assert not answer["retryable"]


LONG = json.dumps(
    {
        "text": "欠" * 6000,
        "caller": {"residence": "南" * 300},
        "employer": {"name": "某" * 120, "work_address": "宁" * 300, "address": "京" * 300},
    },
    ensure_ascii=False,
).encode()


@pytest.mark.parametrize(
    ("raw", "status", "slug"),
    [
        (b"{not json", 400, "malformed-body"),
        (b"", 400, "malformed-body"),
        (b'{"text": "' + b"\xff\xfe" + b'"}', 400, "malformed-body"),
        (b'{"text": "\\ud800"}', 400, "malformed-body"),
        (b'{"text": "a\\u0000b"}', 400, "malformed-body"),
        (b'{"text": ' + b"[" * 500 + b"]" * 500 + b"}", 400, "nested-too-deep"),
        (json.dumps({"text": "a" * 2_000_000}).encode(), 413, "body-too-large"),
        (LONG, 422, "record-too-long"),
        (b'{"text": "a", "amount_owed": NaN}', 422, "invalid-request"),
        (b'{"text": "a", "amount_owed": 1e400}', 422, "invalid-request"),
    ],
)  # fmt: skip
async def test_bad_bytes_are_refused(desk: Hotline, raw: bytes, status: int, slug: str) -> None:
    answer = await send(desk, raw)
    assert (answer["status"], answer["type"]) == (status, f"/problems/{slug}")


async def test_only_json_is_read(desk: Hotline) -> None:
    answer = await send(desk, b"text=a", "application/x-www-form-urlencoded")
    assert (answer["status"], answer["type"]) == (415, "/problems/unsupported-media")


async def test_all_mistakes_are_named_at_once(desk: Hotline) -> None:
    body = changed(
        caller={"phone": "123", "residence_district": "110101"},
        employer={"uscc": "1", "work_district": "110101"},
    )
    answer = await send(desk, json.dumps(body).encode())
    assert answer["type"] == "/problems/invalid-request"
    fields = {error["field"] for error in answer["errors"]}
    assert fields == {"caller.phone", "caller.residence_district", "employer.uscc", "employer.work_district"}


async def test_a_person_may_not_give_a_call_back_address(desk: Hotline) -> None:
    await desk.sign_in()
    headers = {"x-csrf-token": await desk.csrf()}
    body = WAGE | {"callback_url": "https://example.org/x"}
    answer = await desk.client.post("/api/cases", json=body, headers=headers)
    assert answer.json()["type"] == "/problems/callback-client"


@pytest.mark.parametrize("key", ["", "钥匙", "a" * 201, '""'])
async def test_a_key_is_up_to_200_ascii_characters(desk: Hotline, key: str) -> None:
    headers = {"idempotency-key": key.encode()} | {
        name.encode(): value.encode() for name, value in (await desk.bearer()).items()
    }
    answer = await desk.client.post("/api/cases", json=WAGE, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-key-malformed"


@pytest.mark.parametrize(
    "header", [{}, {"authorization": "Bearer yk_wrong"}, {"authorization": "Basic eA=="}]
)
async def test_nobody_writes_without_a_token(desk: Hotline, header: dict[str, str]) -> None:
    answer = await desk.client.post("/api/cases", json=WAGE, headers=header)
    assert answer.status_code == 401
    assert desk.count("intake_case") == 0


@pytest.mark.parametrize("role", ["officer", "operator", "monitor"])
async def test_who_does_not_take_calls_writes_no_cases(desk: Hotline, role: str) -> None:
    answer = await desk.post_case(WAGE, role=role)
    assert answer.status_code == 403


async def send(desk: Hotline, raw: bytes, kind: str = "application/json") -> dict[str, Any]:
    """Send it under a key; whatever comes back is a problem and nothing is stored."""
    headers = await desk.bearer("machine") | {"content-type": kind, "idempotency-key": "k"}
    answer = await desk.client.post("/api/cases", content=raw, headers=headers)
    assert answer.headers["content-type"] == "application/problem+json"
    for table in ("intake_case", "intake_timeline", "intake_idempotency", "outbox"):
        assert desk.count(table) == 0
    problem: dict[str, Any] = answer.json()
    return {"errors": []} | problem
