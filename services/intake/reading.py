"""From a request's bytes to a model: JSON in, problems by field out."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from services.intake.facts import Refusals
from services.kernel.body import body_of
from services.kernel.problem import Problem
from services.kernel.validation import FieldProblem, problems_of

M = TypeVar("M", bound=BaseModel)


async def read(request: Request, model: type[M]) -> M:
    """The body as `model`. Raises Problem: 415 when not sent as JSON, 400 when it is none, 422 by field."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem.of("unsupported-media")
    return parse(await body_of(request), model)


def parse(body: bytes | str, model: type[M]) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
    if errors[0]["type"] == "json_invalid":
        raise Problem.of("malformed-body")
    raise Problem.of("invalid-request", errors=problems_of(errors))


def described(model: type[BaseModel]) -> dict[str, object]:
    """The body of a route that reads it itself, for the API's description."""
    schema = model.model_json_schema()
    content = {"application/json": {"schema": _inlined(schema, schema.get("$defs", {}))}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(schema: object, definitions: Mapping[str, object]) -> object:
    """The schema without references, which would point nowhere in the API's description."""
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            return _inlined(definitions[reference.rpartition("/")[2]], definitions)
        return {key: _inlined(value, definitions) for key, value in schema.items() if key != "$defs"}
    return [_inlined(one, definitions) for one in schema] if isinstance(schema, list) else schema


def refused(refusals: Refusals) -> Problem:
    """Several refusals as one problem, a line for each field."""
    fields = [FieldProblem(one.field or "", one.zh, one.en) for one in refusals.refusals]
    return Problem.of("invalid-request", errors=fields)
