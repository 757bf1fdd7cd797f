"""What the API says of clocks."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.domain.clocks import State


class PauseOut(BaseModel):
    since: datetime
    until: datetime | None
    reason: str
    reason_text: str


class ExtensionOut(BaseModel):
    """`amount` in the clock's unit."""

    at: datetime
    amount: int
    approved_by: str
    reason: str
    reason_text: str


class May(BaseModel):
    """What this reader may do now. `pause`: reasons that an article allows; `extend`: how much is left."""

    pause: list[str] = []
    resume: bool = False
    extend: int = 0
    approved_by: str | None = None


class ClockOut(BaseModel):
    """A clock. `period` and `state_text` in words; `due` is the close of service of the last day."""

    id: UUID
    clock: str
    name: str
    unit: str | None
    unit_name: str | None
    state: State
    state_text: str
    level: str
    period: str
    started_at: datetime
    due: datetime
    provisional: bool
    late: bool
    missed_at: datetime | None
    ended_at: datetime | None
    article: str
    binding: str | None
    pauses: list[PauseOut]
    extensions: list[ExtensionOut]
    may: May


class CaseClocks(BaseModel):
    """`minutes_to_remedy`: from the call to the unit's result, by the clock on the wall."""

    case_id: UUID
    number: str
    received_at: datetime
    resolved_at: datetime | None
    minutes_to_remedy: int | None
    clocks: list[ClockOut]


class ListedOut(BaseModel):
    """A line of the board: a clock and its case."""

    id: UUID
    case_id: UUID
    number: str
    kind: str
    clock: str
    name: str
    unit: str | None
    unit_name: str | None
    due: datetime
    state: State
    article: str
    steps: int
