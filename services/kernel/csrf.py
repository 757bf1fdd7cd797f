"""Requests that another site makes a browser send are refused: by where they come from, and by a token.

A browser says where a request comes from (Sec-Fetch-Site, Origin) and our own pages carry the session's
token, as form field `csrf_token` or header X-CSRF-Token. Both are checked for a signed-in person; a form of
the public, which has no session, is checked by its origin.
"""

import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from services.kernel.problem import Problem

FIELD: Final = "csrf_token"
HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def csrf_checked(request: Request) -> None:
    """Dependency of a page's POST that is open to the public: not sent by another site's page."""
    check_origin(request)


async def check_form(request: Request, csrf: str) -> None:
    """An unsafe request in a session comes from our own page and carries the session's token."""
    if request.method in SAFE:
        return
    check_origin(request)
    given = request.headers.get(HEADER)
    if given is None and request.headers.get("content-type", "").startswith(_FORMS):
        field = (await request.form()).get(FIELD)
        given = field if isinstance(field, str) else None
    if given is None or not hmac.compare_digest(given.encode("utf-8", "replace"), csrf.encode()):
        raise Problem.of("foreign-form")


_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def check_origin(request: Request) -> None:
    """Refuse what a browser sent from another site's page. Other programs send neither header."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        raise Problem.of("foreign-form")
    if origin is not None and not _ours(origin, request):
        raise Problem.of("foreign-form")


def _ours(origin: str, request: Request) -> bool:
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(host) and host.lower() in (
        request.headers.get("host", "").lower(),
        request.app.state.public_host,
    )
