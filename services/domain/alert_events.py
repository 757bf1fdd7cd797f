"""Who was called because a case cannot wait, said by the router; and who answered, by whoever heard it."""

from typing import Literal

from services.domain.event import Code, Event


class StaffAlerted(Event):
    """These people were told that a case of `unit` waits for somebody to move.

    `alert`: an id of ours, the same for every round of one alarm. `staff`: staff numbers (工号), first called
    first. `reason`: codes.ALERT_REASONS; `clock`: the one that ran out, for the steps of a ladder.
    """

    unit: str
    alert: str
    staff: tuple[str, ...]
    reason: Code
    clock: str | None = None


class AlertAcknowledged(Event):
    """One of them answered (签收): from here on it is theirs, and nobody else is called. `staff`: who."""

    unit: str
    alert: str
    staff: str
    channel: Literal["sms", "link", "page", "phone"]
