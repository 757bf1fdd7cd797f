"""The life of a task at the unit, as two tables: what the unit may do, and what befalls the task.

    open ─▶ delivered ─▶ accepted ─▶ in_progress ─▶ completed
      └▶ by_hand ─┘ └──────┴────────────┴─▶ objected | withdrawn

A unit may report more than it was asked for: a step or a result before it has accepted. Nothing leads out of
completed, objected and withdrawn, so a late or repeated report changes nothing.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from services.domain.names import Name


class State(StrEnum):
    """Where a task stands. `open`: on its way to the unit's system; `by_hand`: it could not be delivered."""

    OPEN = "open"
    BY_HAND = "by_hand"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What a unit does with a task."""

    ACCEPT = "accept"
    OBJECT = "object"
    PROGRESS = "progress"
    COMPLETE = "complete"


class Turn(StrEnum):
    """What befalls a task without the unit's doing."""

    DELIVER = "deliver"
    GIVE_UP = "give_up"
    WITHDRAW = "withdraw"


STATE_NAMES: Final[Mapping[State, Name]] = {
    State.OPEN: Name("待送达", "On its way"),
    State.BY_HAND: Name("需人工送达", "To be handed over by a person"),
    State.DELIVERED: Name("待受理", "To be accepted"),
    State.ACCEPTED: Name("已受理", "Accepted"),
    State.IN_PROGRESS: Name("办理中", "In progress"),
    State.COMPLETED: Name("已办结", "Completed"),
    State.OBJECTED: Name("已退回", "Sent back"),
    State.WITHDRAWN: Name("已撤回", "Withdrawn"),
}

STEP_NAMES: Final[Mapping[Step, Name]] = {
    Step.ACCEPT: Name("受理", "accepted"),
    Step.OBJECT: Name("退回", "sent back"),
    Step.PROGRESS: Name("登记进展", "reported on"),
    Step.COMPLETE: Name("办结", "completed"),
}

WAITING: Final = (State.OPEN, State.BY_HAND, State.DELIVERED)
WORKING: Final = (State.ACCEPTED, State.IN_PROGRESS)
FINISHED: Final = (State.COMPLETED, State.OBJECTED, State.WITHDRAWN)


def _rows(
    states: Iterable[State], deed: Step | Turn, target: State
) -> dict[tuple[State, Step | Turn], State]:
    return {(state, deed): target for state in states}


TABLE: Final[Mapping[tuple[State, Step | Turn], State]] = {
    **_rows(WAITING, Step.ACCEPT, State.ACCEPTED),
    **_rows((*WAITING, *WORKING), Step.PROGRESS, State.IN_PROGRESS),
    **_rows((*WAITING, *WORKING), Step.OBJECT, State.OBJECTED),
    **_rows((*WAITING, *WORKING), Step.COMPLETE, State.COMPLETED),
    **_rows((State.OPEN, State.BY_HAND), Turn.DELIVER, State.DELIVERED),
    **_rows((State.OPEN,), Turn.GIVE_UP, State.BY_HAND),
    **_rows((*WAITING, *WORKING), Turn.WITHDRAW, State.WITHDRAWN),
}


def after(state: State, deed: Step | Turn) -> State | None:
    """The state that follows; None where the table has no row, and the deed is impossible."""
    return TABLE.get((state, deed))


def sources(deed: Step | Turn) -> tuple[State, ...]:
    """The states in which this is possible."""
    return tuple(state for state, possible in TABLE if possible is deed)


def possible_steps(state: State) -> tuple[Step, ...]:
    """What the unit may do now, the next legal step first."""
    steps = [step for step in Step if (state, step) in TABLE]
    return tuple(reversed(steps)) if state in WORKING else tuple(steps)
