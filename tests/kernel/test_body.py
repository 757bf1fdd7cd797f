"""What a body may be: small, in time, in UTF-8, and not nested for ever."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from services.kernel.body import DEPTH, LIMIT, BodyGuard, check_text, depth
from services.kernel.problem import Problem
from services.kernel.server import server
from services.kernel.settings import Settings
from tests.kernel.front import front

JSON = {"content-type": "application/json"}


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b"x" * 1000


@pytest.mark.parametrize("size", [LIMIT + 1, 2_000_000])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_large_text_is_refused_before_any_route_sees_it(
    tmp_path: Path, size: int, chunked: bool
) -> None:
    content = in_pieces(size + 1000) if chunked else b"x" * size
    async with front(tmp_path) as f:
        answer = await f.client.post("/api/partners/a/events", content=content, headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/body-too-large"


async def test_a_body_of_the_limit_passes(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        answer = await f.client.post("/api/partners/a/events", content=b"x" * LIMIT)
    assert answer.json() == {"by": str(LIMIT)}


def nested(levels: int) -> str:
    return '{"text": "x", "tags": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


async def test_json_may_be_nested_twenty_deep_and_no_deeper(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        for levels, kind in (
            (DEPTH, "invalid-request"),
            (DEPTH + 1, "nested-too-deep"),
            (9000, "nested-too-deep"),
        ):
            answer = await f.client.post("/api/tracking", content=nested(levels), headers=JSON)
            assert answer.json()["type"] == f"/problems/{kind}", levels


@given(
    st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_depth_counts_brackets_and_not_what_stands_in_strings(value: object) -> None:
    def levels(part: object) -> int:
        if isinstance(part, list | dict):
            inner = part.values() if isinstance(part, dict) else part
            return 1 + max(map(levels, inner), default=0)
        return 0

    for ascii_only in (True, False):
        assert depth(json.dumps(value, ensure_ascii=ascii_only).encode()) == levels(value)


@given(st.text())
def test_every_text_that_is_text_passes(text: str) -> None:
    whole = text.replace("\x00", "")
    for ascii_only in (True, False):
        check_text(json.dumps({"text": whole}, ensure_ascii=ascii_only).encode(), "application/json")


@pytest.mark.parametrize(
    "inside",
    [r"\ud83d", r"\ude00", r"\ud83dx", r"\ud83d\ud83d", r"\ud83d\n", r"\ude00\ud83d", r"\u0000", r"\\\u0000"],
)
def test_half_a_character_and_nul_are_refused(inside: str) -> None:
    with pytest.raises(Problem):
        check_text(f'{{"text": "{inside}"}}'.encode(), "application/json")


@pytest.mark.parametrize("inside", [r"\ud83d\ude00", r"\\u0000", r"\\ud83d", r"A\ud83d\ude00\n"])
def test_whole_characters_pass(inside: str) -> None:
    check_text(f'{{"text": "{inside}"}}'.encode(), "application/json")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"name=a%00b&password=x", "application/x-www-form-urlencoded", 400),
        (b"name=%ff%fe&password=%ed%a0%80", "application/x-www-form-urlencoded", 401),
        (b"--b\r\n\r\na\x00b\r\n--b--", "multipart/form-data; boundary=b", 415),
        (b"a&" * 2000, "application/x-www-form-urlencoded", 400),
        (b"name=" + b"x" * 60000, "application/x-www-form-urlencoded", 422),
    ],
)  # fmt: skip
async def test_a_bad_form_is_refused(tmp_path: Path, content: bytes, kind: str, status: int) -> None:
    async with front(tmp_path) as f:
        answer = await f.client.post("/signin", content=content, headers={"content-type": kind})
    assert answer.status_code == status


async def test_a_body_that_never_ends_is_given_up() -> None:
    sent: list[Message] = []

    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("no route may see it")

    async def receive() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/cases", "headers": []}
    await BodyGuard(never, seconds=0.1)(scope, receive, send)
    assert sent[0]["status"] == 408


async def test_a_client_hears_the_refusal_while_it_is_still_sending(tmp_path: Path, free_port: int) -> None:
    async with front(tmp_path) as f:
        web = server(f.app, Settings.read(port=free_port))
        serving = asyncio.create_task(web.serve())
        while not web.started:  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port}") as client:
            for content in (b"x" * 8_000_000, in_pieces(8_000_000)):
                answer = await client.post("/api/partners/a/events", content=content)
                assert answer.status_code == 413
            assert (await client.get("/healthz")).status_code == 200
        web.should_exit = True
        await serving


async def test_an_upload_route_may_take_more() -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        size = len((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(size).encode()})

    guard = BodyGuard(app, {"/recordings": 1_000_000})
    transport = httpx.ASGITransport(guard)
    async with httpx.AsyncClient(transport=transport, base_url="http://12333.test") as client:
        assert (await client.post("/recordings/1", content=b"x" * 900_000)).text == "900000"
        assert (await client.post("/other", content=b"x" * 900_000)).status_code == 413
