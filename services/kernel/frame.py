"""What goes around every request: its id, its security headers, its line in the log, its figures, and the
last net: an exception that nobody turned into an answer becomes a 500 that tells nothing.

Pure ASGI, one wrapper, because intake's speed is decided here.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import count
from time import perf_counter
from typing import Final

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kernel.logs import enabled, logger, request_id
from services.kernel.metrics import HTTP_REQUESTS, HTTP_SECONDS
from services.kernel.problem import Problem, problem_response

SLOW: Final = 1.0  # seconds, from which on a request is worth a line at INFO
UNKNOWN: Final = "(none)"

SECURITY: Final[Mapping[str, str]] = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    # Not no-referrer: browsers would then send "Origin: null" with our own forms.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}
_NO_STORE: Final = (b"cache-control", b"no-store")
log = logger("kernel.web")


class BrokenOff(Exception):
    """An answer failed after it had begun: the connection is closed, the cause is in the log."""


class Frame:
    """`route_of` gives the template of the route that a scope was sent to, such as "/api/cases/{case_id}"."""

    def __init__(self, app: ASGIApp, route_of: Callable[[Scope], str | None], https: bool = False) -> None:
        self.app, self.route_of = app, route_of
        self._start, self._numbers = secrets.token_hex(4), count(1)
        headers = dict(SECURITY) | ({"strict-transport-security": "max-age=31536000"} if https else {})
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request, began, status = f"{self._start}{next(self._numbers):08x}", perf_counter(), 0
        token = request_id.set(request)

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message.get("headers", ())
                headers = [*given, *self.headers, (b"x-request-id", request.encode())]
                if not any(name.lower() == b"cache-control" for name, _ in given):
                    headers.append(_NO_STORE)
                message["headers"] = headers
            await send(message)

        try:
            await self.app(scope, receive, send_framed)
        except Exception as error:
            log.error("request.failed", incident=request, route=self._route(scope), error=error)
            if status:
                raise BrokenOff(request) from None
            answer = problem_response(scope, Problem.of("failed"), incident=request)
            await answer(scope, receive, send_framed)
        finally:
            self._count(scope, status, perf_counter() - began)
            request_id.reset(token)
        return None

    def _route(self, scope: Scope) -> str:
        return self.route_of(scope) or UNKNOWN

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route, method = self._route(scope), scope["method"]
        method = method if method in _METHODS else "OTHER"
        counted, timed = _figures(method, route, status)
        counted.inc()
        timed.observe(seconds)
        level = logging.INFO if status >= 500 or seconds >= SLOW else logging.DEBUG
        if enabled(level):
            ms = round(seconds * 1000, 1)
            log.log(level, "request", method=method, route=route, status=status, ms=ms)


@lru_cache(maxsize=2048)
def _figures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The figures of these labels: looking them up costs more than counting."""
    return HTTP_REQUESTS.labels(method, route, str(status)), HTTP_SECONDS.labels(route)


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
