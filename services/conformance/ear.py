"""Hears the unit's call-backs, as POST /api/partners/{unit}/events would: same signatures, words and states.

What it answers can be spoilt for a task, to see that the unit reports again.
"""

import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

import uvicorn
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from services.conformance.verdict import UNVERIFIED, named
from services.domain.names import Name
from services.kernel.problem import Problem
from services.kernel.surroundings import Surroundings
from services.kernel.tasks.actions import step_of
from services.kernel.tasks.callbacks import read_call, said_by
from services.kernel.tasks.life import FINISHED, State, after
from services.kernel.tasks.statuses import Statuses
from services.kernel.webhooks import ID, Unverified, verify

Way = Literal["busy", "lost", "slow", "impossible"]
"""503 · taken, and half an answer · taken after `slow` seconds · 409."""
_STATUS: Final = {"busy": 503, "impossible": 409}


@dataclass(frozen=True, slots=True)
class Heard:
    """One call-back. `status`: what we answered; `flaw`: what was wrong with it, if something was."""

    message: str
    type: str
    body: bytes
    status: int
    flaw: Name | None = None


@dataclass
class Ear:
    """`tasks`: every call-back by task, in order; `states`: where each task stands by them."""

    unit: str
    secrets: Sequence[str]
    around: Surroundings
    tasks: defaultdict[str, list[Heard]] = field(default_factory=lambda: defaultdict(list))
    states: dict[str, State] = field(default_factory=dict)
    strays: list[Heard] = field(default_factory=list)
    slow: float = 3.0
    statuses: Statuses = field(default_factory=dict)
    _ways: dict[str, Way] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def spoil(self, task: str, way: Way) -> None:
        """The next call-back of the task is answered so."""
        self._ways[task] = way

    def finished(self, task: str) -> bool:
        return self.states.get(task) in FINISHED

    async def until(self, done: Callable[[], bool], seconds: float) -> bool:
        """Whether it became true in time."""
        try:
            async with asyncio.timeout(seconds):
                while not done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return None
        request = Request(scope, receive)
        body = await request.body()
        way, answer = await self._hear(request, body)
        self._news.set()
        if way != "lost":
            return await answer(scope, receive, send)
        start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]}
        await send(start)
        return await send({"type": "http.response.body", "body": b"{", "more_body": True})

    async def _hear(self, request: Request, body: bytes) -> tuple[Way | None, Response]:
        message = request.headers.get(ID, "")
        if request.method != "POST" or request.url.path != f"/api/partners/{self.unit}/events":
            return None, self._stray(message, body, 404, Name("地址不对", "to another address"))
        try:
            verify(self.secrets, request.headers, body, self.around.now())
            call = read_call(body)
            said = said_by(call, self.unit, self.statuses)
        except Unverified as refused:
            return None, self._stray(message, body, 401, named(UNVERIFIED, refused.reason))
        except (RequestValidationError, Problem) as wrong:
            return None, self._stray(message, body, 422, _wrong_words(wrong))
        way = self._ways.pop(call.task, None)
        status = _STATUS.get(way or "", 200)
        if status == 200 and not any(one.message == message for one in self._applied(call.task)):
            target = after(self.states.get(call.task, State.DELIVERED), step_of(said))
            status = 200 if target else 409
            self.states |= {call.task: target} if target else {}
        self.tasks[call.task].append(Heard(message, call.type, body, status))
        if way == "slow":
            await asyncio.sleep(self.slow)
        return way, JSONResponse({"task": call.task}, status)

    def _applied(self, task: str) -> Iterator[Heard]:
        return (one for one in self.tasks[task] if one.status == 200)

    def _stray(self, message: str, body: bytes, status: int, flaw: Name) -> Response:
        self.strays.append(Heard(message, "", body, status, flaw))
        return JSONResponse({"refused": flaw.en}, status)


def _wrong_words(wrong: RequestValidationError | Problem) -> Name:
    if isinstance(wrong, Problem):
        return Name(wrong.zh, wrong.en)
    places = "、".join(".".join(str(part) for part in one["loc"][1:]) or "type" for one in wrong.errors()[:3])
    return Name(f"正文不合规定：{places}", f"its body does not fit: {places.replace('、', ', ')}")


class _Server(uvicorn.Server):
    """Signals belong to the command around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(ear: Ear, host: str, port: int) -> AsyncIterator[str]:
    """Serve it until the block ends; its URL. OSError: the port is taken."""
    config = uvicorn.Config(
        ear, ws="none", lifespan="off", log_config=None, log_level="critical",
        access_log=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        server = _Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]), name="conformance.ear")
        try:
            while not server.started and not running.done():  # noqa: ASYNC110 (uvicorn has no event for it)
                await asyncio.sleep(0.005)
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
