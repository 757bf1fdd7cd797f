"""Every answer that is not the one asked for: RFC 9457 problem details, or a page for a browser.

`type` is "/problems/<slug>" and never changes; the sentences come from `problems.toml` here and in each
service's folder, or from the refusal itself. Nothing that the caller sent is ever repeated.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Protocol
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from services.kernel.language import TAGS, language_of
from services.kernel.validation import FieldProblem

MEDIA_TYPE: Final = "application/problem+json"


class Kind(NamedTuple):
    """A row of a problems.toml: the type's status and its words in both languages."""

    status: int
    title: str
    title_en: str
    zh: str
    en: str
    retryable: bool = False


def read_kinds(*folders: Path) -> dict[str, Kind]:
    """The problem types of these service folders by slug; ValueError names what is wrong in a table."""
    kinds: dict[str, Kind] = {}
    for path in (folder / "problems.toml" for folder in folders):
        if not path.is_file():
            continue
        for slug, row in tomllib.loads(path.read_text(encoding="utf-8")).items():
            try:
                kinds[slug] = Kind(**row)
            except TypeError as error:
                raise ValueError(f"{path}: [{slug}] {error}") from None
    return kinds


KINDS: Final[Mapping[str, Kind]] = read_kinds(Path(__file__).parent)


class Problem(Exception):
    """Raise it from a route: the caller gets `status` and a sentence in the language asked for.

    slug: stable, ends the `type`; zh, en: whole sentences without the caller's data;
    retryable: sending the same again later may work; errors: one entry per field.
    """

    def __init__(
        self,
        slug: str,
        status: int,
        zh: str,
        en: str,
        retryable: bool = False,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(slug)
        self.slug, self.status, self.zh, self.en, self.retryable = slug, status, zh, en, retryable
        self.headers, self.errors = dict(headers or {}), tuple(errors)

    @classmethod
    def of(
        cls, slug: str, headers: Mapping[str, str] | None = None, errors: Sequence[FieldProblem] = ()
    ) -> "Problem":
        """One of the kernel's own problems, with the words of its problems.toml."""
        kind = KINDS[slug]
        return cls(slug, kind.status, kind.zh, kind.en, kind.retryable, headers, errors)


class ErrorPages(Protocol):
    """What turns a problem into a page (services.kernel.pages)."""

    kinds: Mapping[str, Kind]

    def error_page(
        self, connection: HTTPConnection, problem: Problem, title: str, incident: str | None
    ) -> str: ...


def problem_response(scope: Scope, problem: Problem, incident: str | None = None) -> Response:
    """The problem in the form (JSON or page) and the language that the request asks for."""
    connection = HTTPConnection(scope)
    language = language_of(connection.cookies, connection.headers)
    pages: ErrorPages | None = getattr(scope["app"].state, "pages", None) if "app" in scope else None
    kind = (pages.kinds if pages else KINDS).get(problem.slug) or KINDS["refused"]
    title = kind.title_en if language == "en" else kind.title
    headers = {**problem.headers, "Content-Language": TAGS[language]}
    if incident:
        headers["X-Incident"] = incident
    if pages is not None and wants_page(connection):
        if problem.slug == "signed-out" and scope["method"] == "GET":
            # The path alone: a query may hold what somebody searched for.
            return RedirectResponse(f"/signin?next={quote(scope['path'])}", 303, headers)
        page = pages.error_page(connection, problem, title, incident)
        return Response(page, problem.status, headers, "text/html; charset=utf-8")
    content = json.dumps(_body(problem, title, language == "en", incident), ensure_ascii=False)
    return Response(content, problem.status, headers, MEDIA_TYPE)


def wants_page(connection: HTTPConnection) -> bool:
    """A browser asks, and not for the API."""
    path = connection.scope.get("path", "")
    return not path.startswith("/api/") and "text/html" in connection.headers.get("accept", "")


def _body(problem: Problem, title: str, english: bool, incident: str | None) -> dict[str, object]:
    body: dict[str, object] = {
        "type": f"/problems/{problem.slug}",
        "title": title,
        "status": problem.status,
        "detail": problem.en if english else problem.zh,
        "detail_en": problem.en,
        "retryable": problem.retryable,
    }
    if problem.errors:
        body["errors"] = [
            {"field": e.field, "problem": e.en if english else e.zh, "problem_en": e.en}
            for e in problem.errors
        ]
    if incident:
        body["incident"] = incident
    return body


SCHEMA: Final[dict[str, object]] = {
    "title": "Problem",
    "description": "RFC 9457 problem details. `detail` is in the language of Accept-Language.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "detail_en", "retryable"],
    "properties": {
        "type": {"type": "string", "description": "/problems/<slug>, stable"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "detail_en": {"type": "string"},
        "retryable": {"type": "boolean", "description": "the same request may succeed later"},
        "incident": {"type": "string", "description": "to be told to the operator, on status 500"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "problem", "problem_en"],
                "properties": {
                    "field": {"type": "string"},
                    "problem": {"type": "string"},
                    "problem_en": {"type": "string"},
                },
            },
        },
    },
}
