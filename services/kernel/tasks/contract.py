"""The partner contract as OpenAPI: what we ask of a unit's system (webhooks), with an example of each body.

How the unit reports stands with its route in callbacks.py. docs/partners.md is the same in words, and
`yikou unit check` tries a system against it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from services.domain.clusters import Cluster

Example = Mapping[str, object]
KEY: Final = "01a2024b-d069-79d7-8a6f-6dc16cc5eb14"


class TaskBody(BaseModel):
    """A task for the unit. `task`: its key for ever; `case`: the number that the caller knows; `accept_by`:
    when it must be accepted; `cluster`: the many cases it belongs to; `record`: the complete record, in the
    unit's words. Fields may be added.
    """

    model_config = ConfigDict(extra="forbid")

    task: str
    case: str
    kind: str
    urgency: Literal["normal", "urgent"]
    unit: str
    accept_by: datetime | None
    cluster: Cluster | None
    record: dict[str, object]


class NewsBody(BaseModel):
    """Further news of a task that the unit has: the caller rang again, or the case is one of many. It moves
    nothing. `news`: its key for ever; `text`: what the caller said.
    """

    model_config = ConfigDict(extra="forbid")

    news: str
    task: str
    type: Literal["call.attached", "cluster.alarmed"]
    at: datetime
    text: str | None = None
    recording_ref: str | None = None
    channel: str | None = None
    cluster: Cluster | None = None


class TaskTaken(BaseModel):
    """`reference`: the unit's own number, the same for the same task: letters, digits, ._/:#-, up to 64."""

    reference: str


class TaskKnown(TaskTaken):
    """Where the task stands there: received, accepted, in_progress, completed or objected."""

    key: str
    state: str


TASK: Final[Example] = {
    "task": KEY, "case": "45VDS8JQP2T", "kind": "wage_arrears", "urgency": "urgent",
    "unit": "inspection-jiangning", "accept_by": "2026-09-18T02:00:00+00:00",
    "cluster": None,
    "record": {
        "complainant": {"name": "王小明", "phone": "+8613900000001"},
        "text": "工地老板拖欠我三个月工资共一万八千元，人在火车站，明天要回家过年。",
        "kind": "wage_arrears", "report_type": "complaint", "channel": "phone", "amount_owed": 18000.0,
        "workers_affected": 1,
        "employer": {"name": "江宁某建筑工程公司", "work_address": "南京市江宁区秣陵街道"},
    },
}  # fmt: skip
NEWS: Final[Example] = {
    "news": "01a2024c-11c7-7a05-9a2e-3f6a0a8f4e21", "task": KEY, "type": "call.attached",
    "at": "2026-09-18T01:10:00+00:00", "channel": "phone", "text": "老板刚才说下午给钱。",
}  # fmt: skip
TAKEN: Final[Example] = {"reference": "JC-2026-0917"}
KNOWN: Final[Example] = {"key": KEY, "state": "accepted", **TAKEN}
REPORTS: Final[Mapping[str, Example]] = {
    "accepted": {"type": "task.accepted", "task": KEY, "at": "2026-09-18T08:41:00+08:00", "officer": "3207"},
    "progressed": {
        "type": "task.progressed", "task": KEY, "at": "2026-09-18T09:30:00+08:00", "step": "site_visit",
        "note": "已到工地，负责人在场。",
    },
    "taken_over": {
        "type": "task.progressed", "task": KEY, "at": "2026-09-18T22:05:00+08:00", "step": "taken_over",
        "referred_to": "rescue_station", "taken_over_by": "值班员 207", "minutes_ago": 2,
    },
    "handed_back": {
        "type": "task.progressed", "task": KEY, "at": "2026-09-18T22:10:00+08:00", "step": "handed_back",
        "hand_back": "wage_arrears", "note": "求助人另反映工地欠两个月工资。",
    },
    "completed": {
        "type": "task.completed", "task": KEY, "at": "2026-09-18T11:20:00+08:00", "outcome": "paid",
        "summary": "工资已当场结清。", "amount_recovered": 18000,
    },
    "objected": {
        "type": "task.objected", "task": KEY, "at": "2026-09-18T08:50:00+08:00", "reason": "not_our_district",
        "proposed_unit": "inspection-gulou", "note": "工地在鼓楼区。",
    },
    "status": {
        "type": "task.status", "task": KEY, "at": "2026-09-18T11:20:00+08:00", "status": "30",
        "text": "工资已当场结清。", "amount_recovered": 18000,
    },
}  # fmt: skip
_SIGNED: Final = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": what}
    for name, what in (
        ("webhook-id", "The key of the task, or of the news."),
        ("webhook-timestamp", "Seconds since 1970, of this try; refuse more than 5 minutes off."),
        ("webhook-signature", "Standard Webhooks, v1; two of them while a secret is changed."),
    )
]
_ONCE: Final = {
    "name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"},
    "description": "The same key in quotation marks, on every try.",
}  # fmt: skip


def webhooks() -> dict[str, object]:
    """The `webhooks` of our OpenAPI document."""
    return {
        "task": {
            "post": {
                "tags": ["partners"],
                "summary": "A task for the unit: POST {endpoint}/tasks",
                "description": (
                    "Any 2xx with a reference: taken. 409, 425, 429, 5xx or no answer: it is sent again. "
                    "Another 4xx: refused for good, a person sees to it. 410: send nothing more."
                ),
                "parameters": [*_SIGNED, _ONCE],
                "requestBody": {"required": True, "content": _json(TaskBody, TASK)},
                "responses": {"2XX": {"description": "Taken", "content": _json(TaskTaken, TAKEN)}},
            }
        },
        "taskNews": {
            "post": {
                "tags": ["partners"],
                "summary": "More about a task: POST {endpoint}/tasks/{key}/news",
                "description": "Any 2xx: the unit has it. Its Idempotency-Key is the key of the news.",
                "parameters": [*_SIGNED, _ONCE],
                "requestBody": {"required": True, "content": _json(NewsBody, NEWS)},
                "responses": {"2XX": {"description": "Taken"}},
            }
        },
        "taskQuestion": {
            "get": {
                "tags": ["partners"],
                "summary": "Do you have it? GET {endpoint}/tasks/{key}",
                "description": "Asked when an answer was lost, and for the comparison.",
                "parameters": _SIGNED,
                "responses": {
                    "200": {"description": "It is here", "content": _json(TaskKnown, KNOWN)},
                    "404": {"description": "It never came: it is sent again"},
                },
            }
        },
    }


def _json(model: type[BaseModel], example: Example) -> dict[str, object]:
    return {"application/json": {"schema": model.model_json_schema(), "example": example}}
