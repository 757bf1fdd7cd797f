"""The feed's requests to Yikou. All may be repeated, so a server that dies and comes back loses nothing.

POST /api/cases                       a case under its Idempotency-Key
POST /api/cases/progress              {"case_ids": [at most 500]} -> {"cases": [Progress]}
GET  /api/routing/held                {"cases": [{"case_id", ...}], "next": cursor or null}
POST /api/routing/{case_id}/decide    {"unit", "reason"}; 409: no longer held
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import httpx
from pydantic import BaseModel
from tenacity import (
    AsyncRetrying,
    RetryError,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential_jitter,
)

from services.commands.feed_lines import Case, FeedError

AT_ONCE = 500  # ids in one question
DENIED = {401: "the token is missing, unknown or withdrawn", 403: "the token's role may not do this"}


class NoAnswer(FeedError):
    """Nothing but failures for as long as we were patient."""


class _Unavailable(Exception):
    """A server error, which a further try may not meet."""


class Progress(BaseModel):
    """Where one case is; None: not yet."""

    case_id: str
    status: str
    received_at: datetime
    delivered_at: datetime | None = None
    informed_at: datetime | None = None


class _Progresses(BaseModel):
    cases: list[Progress]


class _Held(BaseModel):
    case_id: str


class _HeldPage(BaseModel):
    cases: list[_Held]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a post: `case_id`, or why not in `refused`. `ms`: until the answer, with all tries."""

    case_id: str | None
    refused: str | None
    ms: float


class Requests:
    """`http` has the base URL and the token; a try that fails is repeated for up to `patience` seconds."""

    def __init__(self, http: httpx.AsyncClient, patience: float) -> None:
        self._http, self._patience = http, patience

    async def post(self, case: Case) -> Answer:
        started = time.perf_counter()
        try:
            response = await self._send("POST", "/api/cases", case.body, {"Idempotency-Key": case.key})
        except NoAnswer:
            return Answer(None, "no answer in time", _since(started))
        if response.status_code == 201:
            return Answer(str(response.json()["case_id"]), None, _since(started))
        return Answer(None, _problem(response), _since(started))

    async def progress(self, case_ids: Sequence[str]) -> list[Progress]:
        response = await self._send("POST", "/api/cases/progress", {"case_ids": list(case_ids)})
        return _Progresses.model_validate_json(_content(response)).cases

    async def held(self) -> AsyncIterator[str]:
        """The ids of all held cases, whoever brought them in."""
        cursor: str | None = None
        while True:
            path = "/api/routing/held?limit=200" + (f"&cursor={quote(cursor)}" if cursor else "")
            page = _HeldPage.model_validate_json(_content(await self._send("GET", path)))
            for case in page.cases:
                yield case.case_id
            if page.next is None:
                return
            cursor = page.next

    async def decide(self, case_id: str, unit: str, reason: str) -> bool:
        """False: the case was no longer held."""
        body = {"unit": unit, "reason": reason}
        response = await self._send("POST", f"/api/routing/{case_id}/decide", body)
        if response.status_code == 409:
            return False
        _content(response)
        return True

    async def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The first answer that is no server error. NoAnswer; FeedError when the token may not do this."""

        async def once() -> httpx.Response:
            response = await self._http.request(method, path, json=body, headers=headers)
            if response.status_code >= 500 or response.status_code == 429:
                raise _Unavailable(f"status {response.status_code}")
            return response

        tries = AsyncRetrying(
            retry=retry_if_exception_type((httpx.TransportError, _Unavailable)),
            wait=wait_exponential_jitter(multiplier=0.1, max=2, jitter=0.1),
            stop=stop_after_delay(self._patience),
        )
        try:
            response: httpx.Response = await tries(once)
        except RetryError as error:
            last = error.last_attempt.exception()
            why = str(last) or type(last).__name__
            raise NoAnswer(f"{method} {path}: no answer in {self._patience:g} s ({why})") from None
        if denied := DENIED.get(response.status_code):
            raise FeedError(f"{method} {path}: {denied}")
        return response


def _content(response: httpx.Response) -> bytes:
    if response.is_error:
        raise FeedError(f"{response.request.method} {response.request.url.path}: {_problem(response)}")
    return response.content


def _problem(response: httpx.Response) -> str:
    """ "422 unknown-field": the status and the stable end of the problem's type."""
    try:
        kind = str(response.json()["type"]).rsplit("/", 1)[-1]
    except (ValueError, KeyError, TypeError):
        kind = ""
    return f"{response.status_code} {kind}".strip()


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
