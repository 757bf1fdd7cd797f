"""A route that FastAPI describes and checks at the start, and that we run ourselves.

For what machines call several times a case: solving dependencies, exit stacks and turning the answer into
JSON cost more than the work (100 of 550 µs of a POST, docs/decisions/0010).
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, cast

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from services.kernel.access import Allow, Unguarded, markers_in
from services.kernel.failures import handler_of

Endpoint = Callable[..., Awaitable[Response | BaseModel]]


class DirectRoute(APIRoute):
    """The endpoint takes `request`, its path parameters as texts, and `who` where it names a principal.

    It answers with a Response, or with a model that becomes JSON and the route's status. For routes with
    one marker and no other dependency.
    """

    def __init__(self, path: str, endpoint: Endpoint, **given: object) -> None:
        super().__init__(path, endpoint, **cast(dict[str, Any], given))
        markers = list(markers_in(self.dependant))
        if len(markers) != 1:
            raise Unguarded(f"{path}: states {len(markers)} of allow(...), public(), partner()")
        self._marker = markers[0]
        self._names_who = "who" in inspect.signature(endpoint).parameters
        self.app = self._run

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """What the endpoint answers; raises what it raised."""
        request = Request(scope, receive)
        who = await self._marker(request) if isinstance(self._marker, Allow) else None
        given = {"who": who} if self._names_who else {}
        answer: Response | BaseModel = await self.endpoint(request=request, **scope["path_params"], **given)
        if isinstance(answer, BaseModel):
            return Response(answer.model_dump_json(), self.status_code or 200, media_type="application/json")
        return answer

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self.answer(scope, receive))(scope, receive, send)


class Lane:
    """ASGI: a request for one of these paths goes to its route at once, past the search for one.

    `routes`: by method and path; those whose paths have parameters are found as all others are.
    """

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], DirectRoute]) -> None:
        self.app, self.routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self.routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            return await self.app(scope, receive, send)
        scope["endpoint"], scope["path_params"] = route.endpoint, {}
        try:
            answer = await route.answer(scope, receive)
        except Exception as error:
            if (handle := handler_of(error)) is None:
                raise
            answer = await handle(Request(scope, receive), error)
        return await answer(scope, receive, send)


def in_lane(routes: Iterable[BaseRoute]) -> dict[tuple[str, str], DirectRoute]:
    """Those that a Lane can take."""
    direct = [one for one in routes if isinstance(one, DirectRoute) and not one.param_convertors]
    return {(method, one.path): one for one in direct for method in one.methods or ()}
