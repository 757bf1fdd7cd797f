"""What a request's body may be, checked before any route sees it: its size, its time, its JSON's depth
and its text. The body is read whole, then handed on; nothing of it is kept or repeated.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kernel.problem import Problem, problem_response

LIMIT: Final = 64 * 1024  # bytes
DEPTH: Final = 20  # levels of JSON
SECONDS: Final = 20.0  # for the whole body to arrive
_BODY: Final = "yikou.body"
_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\u([0-9a-fA-F]{4})|\\.", re.DOTALL)


class BodyGuard:
    """Pure ASGI: a request with an unacceptable body is answered here, by a problem.

    The connection stays open: closing it while the client still sends would take the answer away from it.
    limits: bytes for paths that begin with a key, where LIMIT is not right (uploads).
    """

    def __init__(
        self, app: ASGIApp, limits: Mapping[str, int] | None = None, seconds: float = SECONDS
    ) -> None:
        self.app, self.limits, self.seconds = app, dict(limits or {}), seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        try:
            if b"%00" in scope.get("query_string", b"") or "\x00" in scope["path"]:
                raise Problem.of("malformed-body")
            if scope["method"] not in _BODILESS:
                body = scope[_BODY] = await self._read(scope, receive)
                receive = _replay(body, receive)
        except Problem as problem:
            return await problem_response(scope, problem)(scope, receive, send)
        return await self.app(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        limit = next((size for path, size in self.limits.items() if scope["path"].startswith(path)), LIMIT)
        kind, declared = _declared(scope["headers"])
        if kind.startswith("multipart/") and limit == LIMIT:
            raise Problem.of("unsupported-media")  # files go to upload routes only; forms are urlencoded
        if declared.isdigit() and int(declared[:12]) > limit:
            raise Problem.of("body-too-large")
        try:
            async with asyncio.timeout(self.seconds):
                body = await _collect(receive, limit)
        except TimeoutError:
            raise Problem.of("body-too-slow") from None
        check_text(body, kind)
        return body


async def body_of(request: Request) -> bytes:
    """The request's body, which the guard has read already."""
    body: bytes | None = request.scope.get(_BODY)
    return await request.body() if body is None else body


def _declared(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str]:
    """Media type and length as the request states them; of several the first. One look at the headers."""
    kind, length = "", ""
    for name, value in headers:
        if name == b"content-type":
            kind = kind or value.decode("latin-1").lower()
        elif name == b"content-length":
            length = length or value.decode("latin-1")
    return kind, length or "0"


async def _collect(receive: Receive, limit: int) -> bytes:
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem.of("body-too-slow")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise Problem.of("body-too-large")
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def check_text(body: bytes, content_type: str) -> None:
    """Refuse text that no database keeps (NUL, half of a surrogate pair, not UTF-8) and JSON too deep."""
    if "json" in content_type:
        if not body.isascii():
            _must_be_utf8(body)
        if b"\x00" in body or (b"\\u" in body and not _whole_characters(body)):
            raise Problem.of("malformed-body")
        if body.count(b"[") + body.count(b"{") > DEPTH and depth(body) > DEPTH:
            raise Problem.of("nested-too-deep")
    elif content_type.startswith("application/x-www-form-urlencoded") and (b"%00" in body or b"\x00" in body):
        raise Problem.of("malformed-body")


def depth(body: bytes) -> int:
    """How deep the brackets of a JSON text are nested, strings left out."""
    deepest = level = 0
    for byte in _STRINGS.sub(b"", body):
        if byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest


def _must_be_utf8(body: bytes) -> None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem.of("malformed-body") from None


def _whole_characters(body: bytes) -> bool:
    """Whether the \\uXXXX escapes are characters: no NUL, and surrogates only in pairs."""
    end, high = -1, False
    for match in _ESCAPE.finditer(body):
        if high and match.start() != end:
            return False
        code = int(match[1], 16) if match[1] else 0x20
        if code == 0 or high != (0xDC00 <= code <= 0xDFFF):
            return False
        high, end = 0xD800 <= code <= 0xDBFF, match.end()
    return not high


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
