"""What a unit's system reports: POST /api/partners/<service>-<area>/events, signed (Standard Webhooks).

    raw bytes ─▶ signature with this unit's secrets ─▶ words ─▶ one transaction: id, step, event ─▶ 2xx

A message that was applied before is answered 200 again. A unit moves its own tasks only.
"""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from services.domain.refusals import Refusal
from services.domain.sealing import Keyring
from services.kernel.access import partner
from services.kernel.body import body_of, check_text
from services.kernel.direct import DirectRoute
from services.kernel.logs import logger
from services.kernel.problem import Problem
from services.kernel.store import Store
from services.kernel.surroundings import Surroundings
from services.kernel.tasks.actions import Acceptance, Completion, Objection, Progress, Said
from services.kernel.tasks.contract import REPORTS
from services.kernel.tasks.life import State
from services.kernel.tasks.standing import MESSAGES, TASKS
from services.kernel.tasks.statuses import Received, StatusCall, Statuses, meant
from services.kernel.tasks.steps import message_key, receive, take
from services.kernel.webhooks import Unverified, verify

log = logger("kernel.tasks")
TaskKey = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class _About(BaseModel):
    """`at`: when it happened, by the unit's own clock; what counts here is when we were told."""

    task: TaskKey
    at: AwareDatetime


class TaskAcceptedCall(_About, Acceptance):
    type: Literal["task.accepted"]


class TaskObjectedCall(_About, Objection):
    type: Literal["task.objected"]


class TaskProgressedCall(_About, Progress):
    type: Literal["task.progressed"]


class TaskCompletedCall(_About, Completion):
    type: Literal["task.completed"]


_KINDS: Final = (TaskAcceptedCall, TaskObjectedCall, TaskProgressedCall, TaskCompletedCall, StatusCall)
Call = Annotated[
    TaskAcceptedCall | TaskObjectedCall | TaskProgressedCall | TaskCompletedCall | StatusCall,
    Field(discriminator="type"),
]
_CALL: Final[TypeAdapter[Call]] = TypeAdapter(Call)
_DESCRIBED: Final = {
    "schema": {"oneOf": [kind.model_json_schema() for kind in _KINDS]},
    "examples": {name: {"value": example} for name, example in REPORTS.items()},
}


class Heard(BaseModel):
    """The task's state after the call-back; `again`: the message had been applied before."""

    task: str
    state: State
    again: bool


def read_call(body: bytes) -> Call:
    """The call-back in a verified body. Raises RequestValidationError (400 or 422) without the input."""
    check_text(body, "application/json")
    try:
        return _CALL.validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False)
    # The first step names the variant, which nobody sent.
    raise RequestValidationError([{**one, "loc": ("body", *one["loc"][1:])} for one in found])


def said_by(call: Call, unit: str, statuses: Statuses) -> Said:
    """The step that was reported. Problem unknown-status: a code of the unit's that nobody agreed on."""
    return meant(call, unit, statuses) if isinstance(call, StatusCall) else call


def callback_routes(
    service: str, store: Store, keyring: Keyring, around: Surroundings, statuses: Statuses
) -> APIRouter:
    """The call-back address of every unit of `service`; `statuses`: what their own codes mean."""
    api = APIRouter(tags=["partners"], route_class=DirectRoute)

    @api.post(
        f"/api/partners/{service}-{{area}}/events",
        dependencies=[Depends(partner())],
        summary="A unit reports on a task (Standard Webhooks signature)",
        openapi_extra={"requestBody": {"content": {"application/json": _DESCRIBED}, "required": True}},
    )
    async def hear(area: str, request: Request) -> Heard:
        unit, body = f"{service}-{area}", await body_of(request)
        secrets = keyring.partner_secrets(unit)
        try:
            message_id = verify(secrets, request.headers, body, around.now())
        except Unverified as refused:
            log.warning("callback.refused", unit=unit if secrets else "unknown", reason=refused.reason)
            raise
        call = read_call(body)
        said = said_by(call, unit, statuses)
        taken = await store.run(
            lambda tx: receive(tx, call.task, unit) if isinstance(said, Received)
            else take(tx, keyring, call.task, (unit,), said, unit, message_id=message_id),
            TASKS.want(call.task), MESSAGES.want(message_key(unit, message_id)),
        )  # fmt: skip
        if isinstance(taken, Problem | Refusal):
            log.warning("callback.impossible", unit=unit, type=call.type)
            raise taken
        return Heard(task=call.task, state=taken.state, again=taken.again)

    return api
