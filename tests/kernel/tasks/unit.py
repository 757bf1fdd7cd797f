"""A unit's system that does what a test tells it: a list of moods, one for each request, then well."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.kernel.webhooks import verify
from services.simulators.wire import hang_up
from tests.kernel.tasks.kinds import morning

Mood = str


class FakeUnit:
    """`acts`: how often it began to work; `tasks`: bodies by key; `heads`: headers of every POST.

    Moods: ok · an HTTP status · garbage, packed, deep, endless (200 without having acted) · lost (acts, then
    cuts the connection) · cut (cuts without acting) · redirect · nameless (a reference that names a person).
    """

    def __init__(self, secret: str, *moods: Mood) -> None:
        self.secret, self.moods = secret, list(moods)
        self.clock: Callable[[], datetime] = morning
        self.acts = 0
        self.tasks: dict[str, dict[str, object]] = {}
        self.bodies: list[bytes] = []
        self.heads: list[dict[str, str]] = []
        self.questions = 0
        self.elsewhere = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        answer = await self._answer(request)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        if request.url.path.startswith("/elsewhere"):
            self.elsewhere += 1
            return JSONResponse({"reference": "X-1"})
        verify([self.secret], request.headers, body, self.clock())
        if request.method == "GET":
            return self._question(request.url.path.rpartition("/")[2])
        self.heads.append(dict(request.headers))
        self.bodies.append(body)
        mood = self.moods.pop(0) if self.moods else "ok"
        return await self._in_mood(mood, request, json.loads(body))

    def _question(self, key: str) -> Response:
        self.questions += 1
        known = key in self.tasks
        return JSONResponse(
            {"reference": f"REF-{len(self.tasks)}"} if known else {"error": "no"}, 200 if known else 404
        )

    async def _in_mood(self, mood: Mood, request: Request, sent: dict[str, object]) -> Response:
        if mood.isdigit():
            return Response("no", int(mood), {"Retry-After": "30"} if mood == "429" else None)
        match mood:
            case "garbage":
                return Response("<html>统一认证平台 请先登录</html>", media_type="text/html")
            case "packed":
                return Response(b"\x1f\x8b\x08", headers={"content-encoding": "gzip"})
            case "deep":
                return Response(b'{"a":' * 10_000, media_type="application/json")
            case "endless":
                return StreamingResponse(_for_ever())
            case "redirect":
                return Response(status_code=307, headers={"Location": "/elsewhere"})
            case "cut":
                await hang_up(request)
                return Response()
        self._act(sent)
        if mood == "lost":
            await hang_up(request)
        if mood == "nameless":
            return JSONResponse({"reference": "王秀英 13800138000"}, 202)
        return JSONResponse({"reference": f"REF-{len(self.tasks)}"}, 202)

    def _act(self, sent: dict[str, object]) -> None:
        key = str(sent["task"])
        if key not in self.tasks:
            self.tasks[key] = sent
        self.acts += 1


async def _for_ever() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 16_384
        await asyncio.sleep(0)
