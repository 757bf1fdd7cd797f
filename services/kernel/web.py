"""The application: every service's routes behind one frame. It does not start if a route says not who may
use it.

    access_store = AccessStore(settings.store_url("access"))
    access = Access(access_store, around, secure=settings.cookie_secure)
    app = create_app(services, settings, access, around, health=health, lifespan=running)
    await server(app, settings).serve()  # services.kernel.server
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache, partial
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import Scope

from services.kernel import health as health_routes
from services.kernel import operations, operations_page, signin, site
from services.kernel.access import Marker, marker_of
from services.kernel.body import BodyGuard
from services.kernel.direct import Lane, in_lane
from services.kernel.failures import HANDLERS
from services.kernel.fingerprint import Statics
from services.kernel.frame import Frame
from services.kernel.health import Health
from services.kernel.identity import Access
from services.kernel.logs import logger
from services.kernel.metrics import watch_loop
from services.kernel.navigation import Navigation
from services.kernel.openapi import describe
from services.kernel.pages import Pages
from services.kernel.settings import Settings
from services.kernel.surroundings import Surroundings

SERVICES: Final = Path(__file__).parents[1]
VERSION: Final = "0.1.0"
log = logger("kernel.web")
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
KERNEL_ROUTES: Final[tuple[APIRouter, ...]] = (
    health_routes.router,
    signin.router,
    site.router,
    operations.router,
    operations_page.router,
)


class Served(Protocol):
    """What the web side needs to know of a service (services.kernel.service.Service has it)."""

    @property
    def name(self) -> str: ...

    @property
    def routes(self) -> tuple[APIRouter, ...]: ...


def create_app(
    services: Sequence[Served],
    settings: Settings,
    access: Access,
    around: Surroundings,
    *,
    known: Sequence[str] = (),
    every: Callable[[], Sequence[Served]] | None = None,
    health: Health | None = None,
    lifespan: Lifespan | None = None,
    title: str = "一口受理",
    body_limits: Mapping[str, int] | None = None,
) -> FastAPI:
    """The ASGI application of these services.

    known: the name of every service of the installation in the navigation's order, also of those that other
    processes serve. Navigation, templates, static files, words and problem types come from each service's
    folder. every: all of them, built when the API's description is first asked for. lifespan: entered
    at start and left at the end. body_limits: bytes by path prefix where 64 kB is not right.
    Raises Unguarded for a route without exactly one of allow(...), public(), partner().
    """
    known = known or [service.name for service in services]
    by_endpoint: dict[object, str] = {}
    frame = Middleware(Frame, route_of=_route_of(by_endpoint), https=settings.cookie_secure)
    routes = _routes(services)
    guard, lane = Middleware(BodyGuard, limits=body_limits), Middleware(Lane, routes=in_lane(routes))
    app = _empty(title, lifespan, [frame, guard, lane])
    # Not include_router, which in this FastAPI matches every router's routes twice per request.
    app.router.routes.extend(routes)
    _checked(app.router.routes, by_endpoint)
    app.state.access, app.state.around, app.state.health = access, around, health or Health()
    app.state.describe = cache(partial(_description, title, every or (lambda: services)))
    app.state.known = tuple(known)
    app.state.public_host = urlsplit(settings.public_url).netloc.lower()
    _add_pages(app, [SERVICES / name for name in known])
    return app


def _empty(title: str, lifespan: Lifespan | None, middleware: Sequence[Middleware]) -> FastAPI:
    return FastAPI(
        title=title,
        version=VERSION,
        openapi_url=None,
        lifespan=_lifespan(lifespan),
        exception_handlers=dict(HANDLERS),
        middleware=middleware,
        # Its logs would quote what callers sent.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )


def _description(title: str, every: Callable[[], Sequence[Served]]) -> dict[str, object]:
    routes = _routes(every())
    return describe(title, VERSION, list(iter_route_contexts(routes)), _checked(routes, {}))


def _add_pages(app: FastAPI, services: Sequence[Path]) -> None:
    """Templates, words, problem types, static files: of kernel, domain, the kernel's parts, the services."""
    kernel = SERVICES / "kernel"
    parts = sorted(path.parent for path in kernel.glob("*/__init__.py"))
    folders = [kernel, SERVICES / "domain", *parts, *services]
    statics = Statics(folders)
    app.mount("/static", statics.app(), name="static")
    app.state.pages = Pages(folders, Navigation.read([*services, kernel]), statics, app.title)


def _routes(services: Sequence[Served]) -> list[BaseRoute]:
    """Theirs and the kernel's. Fixed paths before others, so that /cases/new is never taken for a case's id;
    call-backs, which nothing shadows and which come several to a case, before all: a route is looked for from
    the first on.
    """

    def place(route: BaseRoute) -> tuple[bool, bool]:
        path = getattr(route, "path", "{")
        return not path.startswith("/api/partners/"), "{" in path

    routers = (*(router for service in services for router in service.routes), *KERNEL_ROUTES)
    return sorted((route for router in routers for route in router.routes), key=place)


def _checked(routes: Sequence[BaseRoute], by_endpoint: dict[object, str]) -> dict[tuple[str, str], Marker]:
    markers: dict[tuple[str, str], Marker] = {}
    for route in iter_route_contexts(routes):
        marker, path = marker_of(route), route.path_format or ""
        by_endpoint[route.endpoint] = path
        markers |= {(method, path): marker for method in route.methods or ()}
    return markers


def _route_of(by_endpoint: Mapping[object, str]) -> Callable[[Scope], str | None]:
    def route_of(scope: Scope) -> str | None:
        return by_endpoint.get(scope.get("endpoint"))

    return route_of


def _lifespan(given: Lifespan | None) -> Lifespan:
    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        watch = asyncio.create_task(watch_loop(), name="kernel.loop_lag")
        try:
            async with given(app) if given else contextlib.nullcontext():
                yield
        except Exception as error:
            log.critical("lifespan.failed", error=error)  # uvicorn would log its text
            raise
        finally:
            watch.cancel()

    return run
