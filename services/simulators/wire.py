"""Faults on the wire, and signatures as a stranger checks them: with the public library, not our code."""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from standardwebhooks.webhooks import Webhook

from services.simulators.behaviour import Fault

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
        case "answer_lost":
            act()
            await hang_up(request)
            return Response()
        case "ok":
            pass
    return act()


async def hang_up(request: Request) -> None:
    """Cut the connection without a word. Without a real connection (ASGI in process) ConnectionResetError."""
    transport = request.scope.get("state", {}).get(TRANSPORT)
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionResetError("the partner hung up")
    transport.abort()
    await asyncio.sleep(
        0.01
    )  # until the server has noticed, so that it does not write into a dead connection
