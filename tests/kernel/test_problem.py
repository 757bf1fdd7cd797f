"""Every bad input gets a stable answer that repeats nothing of it."""

import sqlite3
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends
from pydantic import BaseModel, field_validator
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.domain.refusals import Refusal
from services.kernel.access import public
from services.kernel.database.errors import Passing
from services.kernel.problem import KINDS, Problem, problem_response
from services.kernel.webhooks import Unverified
from services.kernel.writer import Busy
from tests.kernel.front import BROWSER, front

CANARY = "王小明13912345678"
JSON = {"content-type": "application/json"}

BAD_BODIES: list[tuple[str | bytes, int]] = [
    ("", 422),
    ("{", 400),
    (f'{{"text": "{CANARY}"', 400),
    (f'"{CANARY}"', 422),
    ("[]", 422),
    ("null", 422),
    ("NaN", 422),
    (f'{{"{CANARY}": 1}}', 422),
    (f'{{"text": "x", "{CANARY}": {{"a": 1}}}}', 422),
    (f'{{"text": ["{CANARY}"]}}', 422),
    (f'{{"text": "x", "people": "{CANARY}"}}', 422),
    ('{"text": "x", "people": NaN}', 422),
    ('{"text": "x", "people": 1e400}', 422),
    ('{"text": "x", "people": ' + "9" * 5000 + "}", 400),
    (f'{{"text": "x", "tags": {{"{CANARY}": "{CANARY}"}}}}', 422),
    (f'{{"text": "{CANARY * 100}"}}', 422),
    (b'{"text": "\xff\xfe"}', 400),
    ('{"text": "x"}'.encode("utf-16"), 400),
    ('{"text": "\\ud83d"}', 400),
    ('{"text": "\\u0000"}', 400),
]


@pytest.mark.parametrize(("body", "status"), BAD_BODIES)
async def test_a_bad_body_is_refused_without_repeating_it(
    tmp_path: Path, body: str | bytes, status: int
) -> None:
    async with front(tmp_path) as f:
        answer = await f.client.post("/api/tracking", content=body, headers=JSON)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] in ("/problems/invalid-request", "/problems/malformed-body")
    assert not problem["retryable"]
    assert "王小明" not in answer.text
    assert "139" not in answer.text


@pytest.mark.parametrize("path", [f"/api/cases/{CANARY}", f"/{CANARY}", f"/problems/{CANARY}", "/a%00b"])
async def test_a_bad_address_is_not_repeated_either(tmp_path: Path, path: str) -> None:
    async with front(tmp_path) as f:
        headers = await f.bearer("agent")
        for accept in ({}, BROWSER):
            answer = await f.client.get(path, headers=headers | accept)
            assert answer.status_code in (400, 404, 422)
            assert "王小明" not in answer.text
            assert "139" not in answer.text


async def test_each_field_has_its_sentence_in_both_languages(tmp_path: Path) -> None:
    body = {"text": "", "people": 0, "more": 1}
    async with front(tmp_path) as f:
        chinese = (await f.client.post("/api/tracking", json=body)).json()
        english = (await f.client.post("/api/tracking", json=body, headers={"accept-language": "en"})).json()
    assert chinese["detail"] == KINDS["invalid-request"].zh
    assert english["detail"] == chinese["detail_en"] == KINDS["invalid-request"].en
    assert chinese["errors"] == [
        {"field": "text", "problem": "至少 1 个字", "problem_en": "must have at least 1 characters"},
        {"field": "people", "problem": "不得小于 1", "problem_en": "must be at least 1"},
        {"field": "", "problem": "含有不认识的字段", "problem_en": "contains an unknown field"},
    ]
    assert english["errors"][1]["problem"] == "must be at least 1"


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("DELETE", "/api/tracking", 405, "method-not-allowed"),
        ("BREW", "/api/tracking", 405, "method-not-allowed"),
        ("GET", "/static/../web.py", 404, "not-found"),
        ("GET", "/static/nothing.css", 404, "not-found"),
    ],
)
async def test_the_frameworks_refusals_speak_our_words(
    tmp_path: Path, method: str, path: str, status: int, slug: str
) -> None:
    async with front(tmp_path) as f:
        answer = await f.client.request(method, path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")


class Strict(BaseModel):
    phone: str

    @field_validator("phone")
    @classmethod
    def eleven_digits(cls, value: str) -> str:
        raise Refusal("phone-length", "手机号应为 11 位", "a mobile number has 11 digits")


def raising(error: Exception) -> APIRouter:
    router = APIRouter(dependencies=[Depends(public())])

    @router.post("/fail")
    async def fail() -> None:
        raise error

    @router.post("/strict")
    async def strict(body: Strict) -> None: ...

    return router


STATEMENT = "INSERT INTO caller VALUES (?)"
DOWN = OperationalError(STATEMENT, {"name": CANARY}, sqlite3.OperationalError("database is locked"))


@pytest.mark.parametrize(
    ("error", "status", "slug", "retryable"),
    [
        (Refusal("too-old", "太久了", "it is too long ago", "since"), 422, "too-old", False),
        (Problem("taken", 409, "已被处理", "it was handled already"), 409, "taken", False),
        (Problem.of("busy"), 503, "busy", True),
        (Busy(CANARY), 503, "busy", True),
        (DOWN, 503, "busy", True),
        (Unverified(CANARY), 401, "unverified", False),
        (UnicodeDecodeError("utf-8", CANARY.encode(), 0, 1, CANARY), 400, "malformed-body", False),
        (HTTPException(418, CANARY), 418, "refused", False),
        (HTTPException(404, CANARY), 404, "not-found", False),
        (ValueError(CANARY), 500, "failed", True),
        (ExceptionGroup(CANARY, [ValueError(CANARY)]), 500, "failed", True),
    ],
)
async def test_an_exception_becomes_a_problem_and_says_nothing_of_its_inside(
    tmp_path: Path, error: Exception, status: int, slug: str, retryable: bool
) -> None:
    async with front(tmp_path, raising(error)) as f:
        for headers in ({}, BROWSER):
            answer = await f.client.post("/fail", headers=headers)
            assert answer.status_code == status
            assert "王小明" not in answer.text
            assert "139" not in answer.text
        problem = (await f.client.post("/fail")).json()
    assert (problem["type"], problem["retryable"]) == (f"/problems/{slug}", retryable)


@pytest.mark.parametrize(
    ("error", "reason"),
    [(DOWN, "OperationalError"), (Passing("57P01"), "57P01"), (PoolTimeout(CANARY), "TimeoutError")],
)
async def test_why_the_database_could_not_answer_is_logged_without_what_was_asked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: Exception, reason: str
) -> None:
    async with front(tmp_path, raising(error)) as f:
        assert (await f.client.post("/fail")).status_code == 503
    [said] = [one for one in caplog.records if one.msg == "request.not_now"]
    assert said.__dict__["error"] == reason


async def test_a_statement_that_is_wrong_is_our_mistake_and_not_a_busy_store(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError) as wrong:
        sqlite3.connect(":memory:").execute("SELECT * FROM nothing")
    async with front(tmp_path, raising(OperationalError(STATEMENT, {}, wrong.value))) as f:
        assert (await f.client.post("/fail")).status_code == 500


async def test_a_validators_refusal_keeps_its_own_type(tmp_path: Path) -> None:
    async with front(tmp_path, raising(ValueError())) as f:
        answer = (await f.client.post("/strict", json={"phone": CANARY})).json()
    assert (answer["type"], answer["detail"]) == ("/problems/phone-length", "手机号应为 11 位")
    assert answer["errors"][0]["field"] == "phone"


async def test_a_browser_gets_a_page(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        answer = await f.client.get("/nowhere", headers=BROWSER | {"accept-language": "en"})
        assert answer.headers["content-type"].startswith("text/html")
        assert "Not found" in answer.text
        assert (await f.client.get("/api/nowhere", headers=BROWSER)).json()["status"] == 404


def test_a_response_is_made_without_an_application_too() -> None:
    answer: Response = problem_response({"type": "http", "headers": [], "path": "/"}, Problem.of("busy"))
    assert answer.status_code == 503
