"""The API's description: FastAPI's, with our problem details and with who may use each operation."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext

from services.kernel.access import Allow, Marker, Partner
from services.kernel.problem import MEDIA_TYPE, SCHEMA
from services.kernel.roles import ROLES
from services.kernel.tasks.contract import webhooks

_PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "4XX": {"description": "Refused; see `type` and `detail`", "content": _PROBLEM},
    "5XX": {"description": "Failed or busy; see `retryable`", "content": _PROBLEM},
}
_SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "made with `yikou token create`"},
    "session": {"type": "apiKey", "in": "cookie", "name": "yikou", "description": "a person signed in"},
}


def describe(
    title: str, version: str, routes: Sequence[RouteContext], markers: Mapping[tuple[str, str], Marker]
) -> dict[str, object]:
    """OpenAPI 3.1, with what we ask of partners as webhooks; every operation has its permission
    (x-permission) and who has that (x-roles).
    """
    document = get_openapi(title=title, version=version, routes=list(routes))
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = SCHEMA
    document["webhooks"] = webhooks()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = _SCHEMES
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            operation["responses"].pop("422", None)
            operation["responses"] |= RESPONSES
            marker = markers.get((method.upper(), path))
            if isinstance(marker, Allow):
                operation["security"] = [{"token": []}, {"session": []}]
                operation["x-permission"] = marker.permission
                operation["x-roles"] = [r for r, may in ROLES.items() if marker.permission in may]
            else:
                operation["security"] = []
                operation["x-permission"] = "signed" if isinstance(marker, Partner) else "public"
    return document
