"""Which problem an exception is. `HANDLERS` at the bottom is the whole list; what is not in it is our own
mistake and becomes a 500 without a word about its inside (services.kernel.frame)."""

import logging
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from services.domain.refusals import Refusal
from services.kernel.access import visitor
from services.kernel.database.errors import Passing
from services.kernel.problem import KINDS, Problem, problem_response, wants_page
from services.kernel.validation import FieldProblem, problems_of, refusal_in
from services.kernel.webhooks import Unverified
from services.kernel.writer import Busy

log_ = logging.getLogger(__name__)
_BY_STATUS: Final[Mapping[int, str]] = {
    400: "malformed-body",
    401: "signed-out",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media",
    422: "invalid-request",
    429: "too-many-requests",
    503: "busy",
}
RETRY_SECONDS: Final = "2"
Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


def from_problem(error: Problem) -> Problem:
    return error


def from_refusal(error: Refusal) -> Problem:
    fields = [FieldProblem(error.field, error.zh, error.en)] if error.field else []
    return Problem(error.code, 422, error.zh, error.en, errors=fields)


def from_validation(error: RequestValidationError) -> Problem:
    """422 with a sentence per field; 400 when the body was not JSON; a lone refusal keeps its own type."""
    errors = error.errors()
    found = problems_of(errors)
    if len(errors) == 1 and (refusal := refusal_in(errors[0])):
        return from_refusal(refusal.at(found[0].field))
    slug = "malformed-body" if any(e["type"] == "json_invalid" for e in errors) else "invalid-request"
    return Problem.of(slug, errors=found)


def from_http(error: HTTPException) -> Problem:
    """The framework's own refusals: its status, our words."""
    headers = dict(error.headers or {})
    if slug := _BY_STATUS.get(error.status_code):
        return Problem.of(slug, headers)
    kind = KINDS["failed" if error.status_code >= 500 else "refused"]
    return Problem("refused", error.status_code, kind.zh, kind.en, kind.retryable, headers)


def from_undecodable(_error: UnicodeError) -> Problem:
    return Problem.of("malformed-body")


def from_unverified(_error: Unverified) -> Problem:
    return Problem.of("unverified")


def from_database(error: OperationalError) -> Problem:
    """Locked, full or not reachable: come again. A statement that is wrong is our own mistake: 500."""
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        raise error
    return from_away(error)


def from_away(error: Exception) -> Problem:
    """The database cannot do it now. Nobody finds out why, unless it is said here."""
    reason = str(error) if isinstance(error, Passing) else type(error).__name__
    log_.warning("request.not_now", extra={"error": reason})
    return from_busy(error)


def from_busy(_error: Exception) -> Problem:
    return Problem.of("busy", {"Retry-After": RETRY_SECONDS})


def from_disconnect(_error: ClientDisconnect) -> Problem:
    return Problem.of("body-too-slow")  # nobody is left to read it


def _handler(translate: Callable[[Any], Problem]) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        problem = translate(error)
        if wants_page(request) and not hasattr(request.state, "principal"):
            await visitor(request)  # so that the page's header is the one they know
        return problem_response(request.scope, problem)

    return handle


HANDLERS: Final[Mapping[int | type[Exception], Handler]] = {
    Problem: _handler(from_problem),
    Refusal: _handler(from_refusal),
    RequestValidationError: _handler(from_validation),
    HTTPException: _handler(from_http),
    UnicodeDecodeError: _handler(from_undecodable),
    Unverified: _handler(from_unverified),
    Busy: _handler(from_busy),
    Passing: _handler(from_away),
    OperationalError: _handler(from_database),
    PoolTimeout: _handler(from_away),
    ClientDisconnect: _handler(from_disconnect),
}


def handler_of(error: Exception) -> Handler | None:
    """None: our own mistake."""
    return next((HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS), None)
