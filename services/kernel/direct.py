"""A route that FastAPI describes and checks at the start, and that we run ourselves.

For what machines call several times a case: solving dependencies, exit stacks and turning the answer into
JSON cost more than the work (100 of 550 µs of a POST, docs/decisions/0010).
"""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, cast

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.kernel.access import Allow, Unguarded, markers_in

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

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        who = await self._marker(request) if isinstance(self._marker, Allow) else None
        given = {"who": who} if self._names_who else {}
        answer = await self.endpoint(request=request, **scope["path_params"], **given)
        if isinstance(answer, BaseModel):
            answer = Response(
                answer.model_dump_json(), self.status_code or 200, media_type="application/json"
            )
        await answer(scope, receive, send)
