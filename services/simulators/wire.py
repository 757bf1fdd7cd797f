"""Faults on the wire, and signatures as a stranger checks them: with the public library, not our code."""

import asyncio
import gzip
import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from standardwebhooks.webhooks import Webhook
from starlette.types import Receive, Scope, Send

from services.simulators.behaviour import Fault

BOMB = gzip.compress(b" " * (10 << 20))
TRANSPORT = "simulators.transport"  # where run.py leaves the connection in the request's state


def genuine(secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of `secrets` signed this message within five minutes; malformed is not genuine."""
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except Exception:  # noqa: S112 - the library raises four kinds of error on malformed input
            continue
        return True
    return False


def signed(secret: str, message_id: str, body: str) -> dict[str, str]:
    """The headers of a message that leaves now."""
    now = datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body),
    }


async def answer(request: Request, fault: Fault, act: Callable[[], Response]) -> Response:
    """The answer of a partner with this fault; `act` does what was asked, or is never called."""
    match fault.mode:
        case "slow":
            await asyncio.sleep(fault.seconds)
        case "down" | "flapping":
            return JSONResponse({"error": "service unavailable"}, 503)
        case "error500":
            return JSONResponse({"error": "internal error"}, 500)
        case "garbage":
            return HTMLResponse("<html><title>统一认证平台</title>请先登录</html>")
        case "retry_after":
            return Response(status_code=429, headers={"Retry-After": str(math.ceil(fault.seconds))})
        case "redirect":
            return RedirectResponse("http://127.0.0.1:9/elsewhere", 307)
        case "packed":
            return Response(BOMB, headers={"Content-Encoding": "gzip"}, media_type="application/json")
        case "endless":
            return StreamingResponse(_for_ever(), media_type="application/json")
        case "deep":
            return Response(b'{"a":' * 10_000, media_type="application/json")
        case "half_answer":
            return _Half(act(), request)
        case "answer_lost":
            act()
            await hang_up(request)
            return Response()
        case "ok" | "accept_twice":
            pass
    return act()


class _Half(Response):
    """The head and half of the body of another answer, and then nothing."""

    def __init__(self, whole: Response, request: Request) -> None:
        super().__init__(whole.body, whole.status_code, dict(whole.headers))
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(0.02)  # so that it leaves before the connection is cut
        await hang_up(self._request)
        await send({"type": "http.response.body"})


async def _for_ever() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 4096
        await asyncio.sleep(0.001)


async def hang_up(request: Request) -> None:
    """Cut the connection without a word. Without a real connection (ASGI in process) ConnectionResetError."""
    transport = request.scope.get("state", {}).get(TRANSPORT)
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionResetError("the partner hung up")
    transport.abort()
    await asyncio.sleep(
        0.01
    )  # until the server has noticed, so that it does not write into a dead connection
