"""What every event has in common: a fact about one case, frozen, in the past tense.

Id, source service and sequence number travel in the envelope, not here. Optional fields may be added to an
event; nothing is renamed or removed, and no field becomes required: older events stay readable as long as
they are kept.
"""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment, in UTC whatever zone it came in; written with a final Z. A naive one is refused."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
"""A word of an open vocabulary: `codes.py` names the known ones, and a reader must expect new ones."""

_TEXT = r"\.[A-Za-z0-9_-]+\.[A-Za-z0-9_=-]+$"

# The last guard against readable personal data in the log: text that was never sealed does not fit.
TaskSealed = Annotated[str, Field(pattern=r"^task" + _TEXT)]
"""Sealed for those who act: the adapters."""

ContactSealed = Annotated[str, Field(pattern=r"^contact" + _TEXT)]
"""Sealed for those who tell the caller: the notifier."""


class Event(BaseModel):
    """A fact about the case `case_id` that became true `at` (UTC).

    `by`: who did it, as a staff number (工号), a unit id or a machine client's name; None when nobody did.
    Unknown fields are ignored, so that a newer service may say more than an older one reads.
    Errors never quote the input, which may hold personal data.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    case_id: UUID
    at: Instant
    by: str | None = None
