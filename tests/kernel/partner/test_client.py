"""How a call goes, and what becomes of hostile answers."""

import asyncio
import gzip
import tracemalloc

import pytest

from services.kernel.messages import CallFailed
from services.kernel.partner.answers import Answer, require_success, retry_after
from services.kernel.partner.client import PartnerHttp
from services.kernel.partner.connection import LARGEST
from tests.kernel.partner.wire import Answering, Wire, response, says, wire

ALLOW = ["127.0.0.0/8"]


async def ask(server: Wire, *, read: float = 0.3, total: float = 0.6) -> Answer:
    http = PartnerHttp(read=read, total=total)
    try:
        return await http.call("POST", f"{server.url}/tasks", allow=ALLOW, body=b'{"a":1}')
    finally:
        await http.close()


async def failure(answer: Answering) -> CallFailed:
    async with wire(answer) as server:
        with pytest.raises(CallFailed) as failed:
            await ask(server)
    return failed.value


async def test_a_call_carries_its_body_headers_and_the_names_host() -> None:
    async with wire(says(response(202, b'{"reference":"JC-1"}'))) as server:
        http = PartnerHttp()
        answer = await http.call(
            "POST", f"{server.url}/a/b?c=d", allow=ALLOW, headers={"x-task-fence": "3"}, body=b"hello"
        )
        await http.close()
    assert (answer.status, answer.json()) == (202, {"reference": "JC-1"})
    [sent] = server.requests
    assert sent.startswith(b"POST /a/b?c=d HTTP/1.1\r\n")
    assert sent.endswith(b"\r\n\r\nhello")
    assert b"x-task-fence: 3" in sent.lower()
    assert b"accept-encoding: identity" in sent.lower()


async def test_a_connection_is_used_again() -> None:
    async with wire(says(response())) as server:
        http = PartnerHttp()
        for _ in range(5):
            await http.call("POST", server.url, allow=ALLOW, body=b"{}")
        await http.close()
    assert (len(server.requests), server.connections) == (5, 1)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with wire(says(response())) as server:
        assert (await ask(server)).status == 200


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with wire(says(response())) as elsewhere:
        moved = response(307, b"", f"Location: {elsewhere.url}/inside")
        async with wire(says(moved)) as server:
            answer = await ask(server)
        assert (answer.status, elsewhere.connections) == (307, 0)
    with pytest.raises(CallFailed, match="redirected") as failed:
        require_success(answer)
    assert not failed.value.permanent


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    for _ in range(10_000):
        writer.write(chunk)
        await writer.drain()


async def test_an_endless_body_is_cut_and_memory_stays_small() -> None:
    tracemalloc.start()
    try:
        async with wire(endless) as server:
            answer = await ask(server)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (answer.status, answer.body, answer.json()) == (200, None, None)
    assert answer.flaw == "answer_too_long"
    assert peak < 4 << 20


async def test_a_gzip_bomb_is_never_unpacked() -> None:
    bomb = gzip.compress(b" " * (20 << 20))
    async with wire(says(response(200, bomb, "Content-Encoding: gzip"))) as server:
        answer = await ask(server)
    assert answer.json() is None
    assert answer.flaw == "answer_packed"


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        (b"", "answer_not_json"),
        (b"null", "answer_no_object"),
        (b"[1]", "answer_no_object"),
        (b'"x"', "answer_no_object"),
        (b"{", "answer_not_json"),
        (b'{"a":' * 100_000, "answer_too_deep"),
        (b"[" * LARGEST, "answer_too_deep"),
        (b"\xff\xfe", "answer_not_json"),
        (b'{"a":NaN}', "answer_not_json"),
        (b"<html>", "answer_not_json"),
    ],
)
def test_what_is_no_json_object_is_nothing_and_says_why(body: bytes, flaw: str) -> None:
    answer = Answer(200, {}, body)
    assert (answer.json(), answer.flaw) == (None, flaw)


async def test_an_answer_that_drips_is_given_up_after_the_total_time() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    failed = await failure(drip)
    assert (failed.reason, failed.lost) == ("timeout", True)


async def test_silence_after_the_request_is_a_lost_answer() -> None:
    async def silence(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    failed = await failure(silence)
    assert (failed.reason, failed.lost, failed.permanent) == ("timeout", True, False)


async def test_a_connection_cut_after_the_request_is_a_lost_answer() -> None:
    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    failed = await failure(cut)
    assert (failed.reason, failed.lost) == ("connection_lost", True)


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n"],
)  # fmt: skip
async def test_what_is_no_http_is_a_lost_answer(raw: bytes) -> None:
    assert (await failure(says(raw))).lost


async def test_nobody_listening_means_that_nothing_was_sent(free_port: int) -> None:
    http = PartnerHttp()
    with pytest.raises(CallFailed) as failed:
        await http.call("POST", f"http://127.0.0.1:{free_port}/", allow=ALLOW, body=b"{}")
    assert (failed.value.reason, failed.value.lost, failed.value.permanent) == ("unreachable", False, False)


@pytest.mark.parametrize(
    ("status", "reason", "permanent", "gone"),
    [
        (301, "redirected", False, False), (400, "refused", True, False), (401, "refused", True, False),
        (404, "refused", True, False), (408, "busy", False, False), (409, "busy", False, False),
        (410, "gone", True, True), (422, "refused", True, False), (425, "busy", False, False),
        (429, "busy", False, False), (500, "partner_error", False, False),
        (503, "partner_error", False, False),
    ],
)  # fmt: skip
def test_a_status_says_whether_to_come_again(status: int, reason: str, permanent: bool, gone: bool) -> None:
    with pytest.raises(CallFailed) as failed:
        require_success(Answer(status, {"retry-after": "7"}))
    found = failed.value
    assert (found.reason, found.permanent, found.gone, found.status) == (reason, permanent, gone, status)
    assert found.retry_after == (7 if reason in ("busy", "partner_error") else None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "Wed, 30 Sep 2026 07:02:00 GMT", "date": "Wed, 30 Sep 2026 07:00:00 GMT"}, 120.0),
        ({"retry-after": "Wed, 30 Sep 2026 07:00:00 GMT", "date": "Wed, 30 Sep 2026 07:02:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 30 Sep 2026 07:02:00 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "٣"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds
