"""A unit's own status code, turned into the call-back that it means by the city's table. Pure."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, StringConstraints

from services.domain.statuses import Status
from services.kernel.problem import Problem
from services.kernel.tasks.actions import Acceptance, Completion, Maybe, Objection, Progress, Said, Text, Yuan

Statuses = Mapping[tuple[str, str], Status]
"""By unit and code."""

WORD_OF: Final[Mapping[str, str]] = {
    "receive": "received",
    "accept": "accepted",
    "progress": "in_progress",
    "complete": "completed",
    "object": "objected",
}
"""The contract's word for where a task stands after the step (verdicts.WORDS)."""


class Received(Said):
    """The unit has the task, and has done nothing yet."""


class StatusCall(Said):
    """`status`: the unit's own code; `text`: a note, or the words for the caller when it is the end."""

    type: Literal["task.status"]
    task: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    at: AwareDatetime
    status: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    text: Annotated[Text | None, Maybe] = None
    amount_recovered: Annotated[Yuan | None, Maybe] = None


def word_for(code: str, unit: str, statuses: Statuses) -> str | None:
    """The contract's word for where a task stands by the unit's own code; None: nobody agreed on it."""
    found = statuses.get((unit, code))
    return WORD_OF[found.step] if found is not None else None


def meant(call: StatusCall, unit: str, statuses: Statuses) -> Said:
    """The step that the code stands for. Problem unknown-status: the table has no such code of this unit."""
    found = statuses.get((unit, call.status))
    if found is None:
        raise Problem(
            "unknown-status",
            422,
            "这个状态代码不在该单位的对照表（statuses.toml）里，没有做任何改动。",
            "This status is not in the unit's table (statuses.toml). Nothing was changed.",
        )
    match found.step:
        case "receive":
            return Received(officer=call.officer)
        case "accept":
            return Acceptance(officer=call.officer)
        case "progress":
            return Progress(officer=call.officer, step=found.code or "", note=call.text)
        case "object":
            return Objection(officer=call.officer, reason=found.reason or "", note=call.text)
        case "complete":
            return Completion(
                officer=call.officer, outcome=found.outcome or "", summary=call.text,
                amount_recovered=call.amount_recovered,
            )  # fmt: skip
