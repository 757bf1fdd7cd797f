"""What happens to the clocks of a case, said by the router.

`clock` is its id in deadlines.toml, `due` its end, `unit` who must act, `article` where it is laid down.
`provisional`: the end lies in days whose arrangement is not published yet.
"""

from typing import Final

from services.domain.event import Code, Event, Instant, TaskSealed


class DeadlineApproaching(Event):
    """A clock is near its end. `clock` names it, `due` is the end, `article` where it is laid down."""

    clock: str
    due: Instant
    article: str
    unit: str | None = None


class DeadlineMissed(Event):
    """A clock ran out at `due`. Fields as in DeadlineApproaching."""

    clock: str
    due: Instant
    article: str
    unit: str | None = None


class DeadlineMet(Event):
    """What had to be done was done; `late`: after the clock had run out."""

    clock: str
    due: Instant
    article: str
    unit: str | None = None
    late: bool = False


class DeadlinePaused(Event):
    """A clock was stopped for a while (中止计算). `reason`: codes.PAUSE_REASONS; `article` allows it."""

    clock: str
    reason: Code
    article: str
    unit: str | None = None


class DeadlineResumed(Event):
    """A clock goes on and ends at `due`: what it stood still is not counted."""

    clock: str
    due: Instant
    article: str
    unit: str | None = None
    provisional: bool = False


class DeadlineExtended(Event):
    """A period was made longer (延长) by approval, as `article` allows; it ends at `due`.

    `approved_by`: the approver's staff number. `reason`: codes.EXTENSION_REASONS; `note`: in their own words.
    """

    clock: str
    due: Instant
    article: str
    approved_by: str
    reason: Code
    note: TaskSealed | None = None
    unit: str | None = None
    provisional: bool = False


class DeadlineRecomputed(Event):
    """The work calendar changed, as when a year was published: the clock ends at `due`, not at `was`."""

    clock: str
    due: Instant
    was: Instant
    article: str
    unit: str | None = None
    provisional: bool = False


DEADLINES: Final = (
    DeadlineApproaching,
    DeadlineMissed,
    DeadlineMet,
    DeadlinePaused,
    DeadlineResumed,
    DeadlineExtended,
    DeadlineRecomputed,
)
"""Everything that befalls a clock."""
