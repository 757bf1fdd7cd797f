"""The life of a case, as a table: which fact moves it from which status to which.

    received ─▶ routed ─▶ delivered ─▶ accepted ─▶ in_progress ─▶ resolved ─▶ told ─▶ closed
        └▶ held ─┘ ▲ └───────┴────────────┴────────────┴▶ objected        (answered ─▶ told)

A fact is never refused: where the table has no row it is written into the timeline and the status stays. So a
late or repeated fact moves nothing. Only three take a case back, and each is a decision that puts it into the
hotline's hands again: TaskObjected, CaseHeld, CaseReopened. What people may do, which may be refused, is the
second table.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from services.domain.caller_events import NO_RESULT
from services.domain.events import CallerInformed, Event
from services.domain.names import Name
from services.domain.refusals import Refusal


class Status(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    HELD = "held"
    ROUTED = "routed"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    OBJECTED = "objected"
    RESOLVED = "resolved"
    ANSWERED = "answered"
    TOLD = "told"
    CLOSED = "closed"


class Action(StrEnum):
    """What a person at the hotline may want to do with a case."""

    NOTE = "note"
    CORRECT = "correct"
    ROUTE = "route"
    ANSWER = "answer"
    CLOSE = "close"
    ATTACH = "attach"
    TAKE = "take"
    SPLIT = "split"
    MERGE = "merge"
    REOPEN = "reopen"


STATUS_NAMES: Final[Mapping[Status, Name]] = {
    Status.RECEIVED: Name("已登记", "Received"),
    Status.HELD: Name("待人工分派", "Waiting for a person to route it"),
    Status.ROUTED: Name("已分派", "Routed"),
    Status.DELIVERED: Name("已送达承办单位", "Delivered to the unit"),
    Status.ACCEPTED: Name("承办单位已受理", "Accepted by the unit"),
    Status.IN_PROGRESS: Name("办理中", "In progress"),
    Status.OBJECTED: Name("承办单位退回", "Sent back by the unit"),
    Status.RESOLVED: Name("已有办理结果", "Outcome reported"),
    Status.ANSWERED: Name("已答复", "Answered"),
    Status.TOLD: Name("已告知来电人", "Caller told"),
    Status.CLOSED: Name("已办结", "Closed"),
}

ACTION_NAMES: Final[Mapping[Action, Name]] = {
    Action.NOTE: Name("添加备注", "noted on"),
    Action.CORRECT: Name("更正", "corrected"),
    Action.ROUTE: Name("分派", "routed"),
    Action.ANSWER: Name("答复", "answered"),
    Action.CLOSE: Name("办结", "closed"),
    Action.ATTACH: Name("并入来电", "given another call"),
    Action.TAKE: Name("接办", "taken on"),
    Action.SPLIT: Name("分办", "split"),
    Action.MERGE: Name("并案", "merged"),
    Action.REOPEN: Name("重新办理", "reopened"),
}

WITH_HOTLINE: Final = (Status.RECEIVED, Status.HELD, Status.OBJECTED)
WITH_UNIT: Final = (Status.ROUTED, Status.DELIVERED, Status.ACCEPTED, Status.IN_PROGRESS)
FINISHED: Final = (Status.RESOLVED, Status.ANSWERED, Status.TOLD)


def _rows(sources: Iterable[Status], event_name: str, target: Status) -> dict[tuple[Status, str], Status]:
    return {(source, event_name): target for source in sources}


TRANSITIONS: Final[Mapping[tuple[Status, str], Status]] = {
    **_rows(WITH_HOTLINE, "CaseRouted", Status.ROUTED),
    **_rows((Status.RECEIVED, Status.OBJECTED, *WITH_UNIT), "CaseHeld", Status.HELD),
    **_rows((Status.ROUTED,), "TaskDelivered", Status.DELIVERED),
    **_rows((Status.ROUTED, Status.DELIVERED), "TaskAccepted", Status.ACCEPTED),
    **_rows((Status.ROUTED, Status.DELIVERED, Status.ACCEPTED), "TaskProgressed", Status.IN_PROGRESS),
    **_rows(WITH_UNIT, "TaskObjected", Status.OBJECTED),
    # A unit that objected, or whose case is held, may still report what it did; a reopened case starts again.
    **_rows((Status.HELD, Status.OBJECTED, *WITH_UNIT, Status.ANSWERED), "OutcomeReported", Status.RESOLVED),
    # Once a unit has accepted, an agent's answer is told to the caller but does not end the unit's work.
    **_rows((*WITH_HOTLINE, Status.ROUTED, Status.DELIVERED), "AnswerGiven", Status.ANSWERED),
    **_rows((Status.RESOLVED, Status.ANSWERED), "CallerInformed", Status.TOLD),
    **_rows((*WITH_HOTLINE, *WITH_UNIT, *FINISHED), "CaseClosed", Status.CLOSED),
    **_rows((*FINISHED, Status.CLOSED), "CaseReopened", Status.RECEIVED),
}

_OPEN_ACTIONS: Final = frozenset(
    {Action.NOTE, Action.CORRECT, Action.ANSWER, Action.CLOSE, Action.ATTACH, Action.TAKE, Action.SPLIT}
)
_UNACCEPTED: Final = frozenset({Action.ROUTE, Action.MERGE})
_FINISHED_ACTIONS: Final = frozenset(
    {Action.NOTE, Action.CORRECT, Action.CLOSE, Action.REOPEN, Action.ATTACH, Action.TAKE}
)

ACTIONS: Final[Mapping[Status, frozenset[Action]]] = {
    Status.RECEIVED: _OPEN_ACTIONS | _UNACCEPTED,
    Status.HELD: _OPEN_ACTIONS | _UNACCEPTED,
    Status.ROUTED: _OPEN_ACTIONS | _UNACCEPTED,
    Status.DELIVERED: _OPEN_ACTIONS | _UNACCEPTED,
    Status.ACCEPTED: _OPEN_ACTIONS,
    Status.IN_PROGRESS: _OPEN_ACTIONS,
    Status.OBJECTED: _OPEN_ACTIONS | _UNACCEPTED,
    Status.RESOLVED: _FINISHED_ACTIONS,
    Status.ANSWERED: _FINISHED_ACTIONS | {Action.ANSWER},
    Status.TOLD: _FINISHED_ACTIONS,
    Status.CLOSED: frozenset({Action.NOTE, Action.REOPEN}),
}


def after(status: Status, event_name: str) -> Status:
    """The status after a fact of that name; the same status where the table has no row."""
    return TRANSITIONS.get((status, event_name), status)


def follow(status: Status, event: Event) -> Status:
    """The status after `event`. To be told that a case was received, or takes longer, is not the result."""
    if isinstance(event, CallerInformed) and event.about in NO_RESULT:
        return status
    return after(status, type(event).__name__)


def allowed_actions(status: Status) -> frozenset[Action]:
    """What people may do with a case in this status."""
    return ACTIONS[status]


def require(status: Status, action: Action) -> None:
    """Raise Refusal `action-not-allowed` unless people may take `action` in this status."""
    if action in ACTIONS[status]:
        return
    standing, wanted = STATUS_NAMES[status], ACTION_NAMES[action]
    raise Refusal(
        "action-not-allowed",
        f"案件目前状态为“{standing.zh}”，不能{wanted.zh}。",
        f'The case stands at "{standing.en}" and cannot be {wanted.en}.',
    )
