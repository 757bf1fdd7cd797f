"""Who may do what on which route. Every route carries exactly one of three markers:

    @api.post("/api/cases")
    async def create(who: Annotated[Principal, Depends(allow("case.create"))]) -> ...: ...

    @api.post("/api/tracking", dependencies=[Depends(public())])
    @api.post("/api/partners/{partner}/events", dependencies=[Depends(partner())])  # verifies the signature

A route without one, or with two, fails at start (`marker_of`). People come with a session cookie,
machines with a bearer token. An object outside the principal's scope is the route's own matter: 404.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext
from starlette.requests import Request

from services.kernel.csrf import check_form
from services.kernel.identity import Access
from services.kernel.problem import Problem
from services.kernel.roles import PERMISSIONS, ROLES, Principal

__all__ = [
    "ROLES",
    "Allow",
    "Partner",
    "Principal",
    "Public",
    "Unguarded",
    "allow",
    "partner",
    "public",
    "visitor",
]

_LOCAL: Final = frozenset({"127.0.0.1", "::1"})
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")


class Unguarded(Exception):
    """A route does not say, or says twice, who may use it."""


class Allow:
    """Marker and dependency: 401 when nobody is known, 403 without the permission, else the principal."""

    def __init__(self, permission: str, from_here: bool = False) -> None:
        self.permission, self.from_here = permission, from_here

    async def __call__(self, request: Request) -> Principal | None:
        if self.from_here and _is_local(request):
            return None
        who = await visitor(request)
        if who is None:
            raise Problem.of("signed-out", {"WWW-Authenticate": 'Bearer realm="yikou"'})
        if not who.may(self.permission):
            raise Problem.of("forbidden")
        if (session := request.state.session) is not None:
            await check_form(request, session.csrf)
        return who


class Public:
    """Marker: everybody may use the route."""

    async def __call__(self) -> None:
        return None


class Partner:
    """Marker: the route itself verifies the sender's signature (services.kernel.webhooks)."""

    async def __call__(self) -> None:
        return None


Marker = Allow | Public | Partner


@lru_cache
def allow(permission: str, *, from_here: bool = False) -> Allow:
    """Only principals whose role includes `permission` (ROLES). ValueError: no role has it.

    from_here: also, without signing in, a program on this machine that came through no proxy (/metrics).
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"no role includes the permission {permission!r}; see services/kernel/roles.py")
    return Allow(permission, from_here)


@lru_cache
def public() -> Public:
    return Public()


@lru_cache
def partner() -> Partner:
    return Partner()


async def visitor(request: Request) -> Principal | None:
    """Who makes this request, also on a public page; None when nobody is signed in."""
    access: Access = request.app.state.access
    who, session = await access.identify(request)
    request.state.principal, request.state.session = who, session
    return who


def marker_of(route: RouteContext) -> Marker:
    """The one marker of a route; Unguarded when there is none or more than one."""
    dependant: Any = getattr(route, "dependant", None)
    if not isinstance(route.original_route, APIRoute) or dependant is None:
        raise Unguarded(f"{route.path}: only routes with a stated permission can be served")
    found = list(markers_in(dependant))
    if len(found) != 1:
        methods = ",".join(sorted(route.methods or ()))
        said = f"states {len(found)} of allow(...), public(), partner()"
        raise Unguarded(f"{methods} {route.path}: {said}; exactly one is needed")
    return found[0]


def markers_in(dependant: Dependant) -> Iterable[Marker]:
    """Every marker among a route's dependencies."""
    for inner in dependant.dependencies:
        if isinstance(inner.call, Marker):
            yield inner.call
        yield from markers_in(inner)


def _is_local(request: Request) -> bool:
    here = request.client is not None and request.client.host in _LOCAL
    return here and not any(name in request.headers for name in _FORWARDED)
