"""What happens to the task at the unit that acts, said by the adapters. `task` is its key at the partner."""

from typing import Literal

from services.domain.event import Code, ContactSealed, Event, Instant, TaskSealed


class TaskDelivered(Event):
    """The unit has the task: its system took it (`reference`: its number there) or it is on our worklist."""

    unit: str
    task: str
    via: Literal["http", "file", "worklist"]
    reference: str | None = None


class TaskUndeliverable(Event):
    """Automation gave up and a person must act. `status`: the last HTTP status, if there was one."""

    unit: str
    task: str
    reason: Code
    status: int | None = None


class TaskAccepted(Event):
    """The unit took the matter on (受理). `officer`: who, by number."""

    unit: str
    task: str
    officer: str | None = None


class TaskObjected(Event):
    """The unit says that the matter is not its own (劳动保障监察条例 arts 13, 18, 21) and why.

    `reason`: codes.OBJECTION_REASONS; `proposed_unit`: who should have it instead.
    """

    unit: str
    task: str
    reason: Code
    note: TaskSealed | None = None
    proposed_unit: str | None = None


class TaskProgressed(Event):
    """A step was taken, such as an inquiry on the spot.

    `officers`: who handles the matter from here on (two at least investigate, 劳动保障监察条例 art 16), or
    who stands aside; `article`: what the step rests on, in the unit's words. A warm transfer (电话转接) says
    which authority took over (`referred_to`: codes.REFERRED_TO), who there (a name, so it is sealed), and
    when. `hand_back`: the kind of a further matter of this caller, which the hotline sends on.
    """

    unit: str
    task: str
    step: Code
    note: TaskSealed | None = None
    officers: tuple[str, ...] = ()
    article: str | None = None
    referred_to: Code | None = None
    taken_over_by: TaskSealed | None = None
    taken_over_at: Instant | None = None
    hand_back: Code | None = None


class OutcomeReported(Event):
    """The unit has finished. `resolved` is its claim; the caller's answer may contradict it.

    `outcome`: codes.OUTCOMES; `amount_recovered_fen` in fen (分). `article`: what the decision rests on;
    `referred_to`: codes.REFERRED_TO.
    """

    unit: str
    task: str
    resolved: bool
    outcome: Code
    summary: ContactSealed | None = None
    amount_recovered_fen: int | None = None
    article: str | None = None
    referred_to: Code | None = None
