"""How an event is heard: by the handler of its kind, and by the clocks and alarms of its case."""

from collections.abc import Callable
from typing import Final

from services.domain.events import CaseCorrected, CaseReceived, CaseReopened, Event
from services.kernel.messages import Message
from services.kernel.tx import Tx
from services.router import counting, on_call
from services.router.cases import CASES
from services.router.rules import Desk

BEGINNINGS: Final = (CaseReceived, CaseCorrected, CaseReopened)
Messages = list[Message]


def only_count(desk: Desk, event: Event, tx: Tx) -> Messages:
    """Routing does not go by it; clocks do."""
    return []


def hear(desk: Desk, handler: Callable[..., Messages], event: Event, tx: Tx) -> Messages:
    """Let the clocks of the case follow what happened, and the case itself.

    What a unit does is measured before the case may leave it; what intake says of a case goes first.
    """
    said = handler(desk, event, tx) if isinstance(event, BEGINNINGS) else []
    case = CASES.get(tx, event.case_id)
    counted: Messages = []
    if case is not None:
        counted += counting.follow(desk.periods, case, event, tx)
        counted += on_call.follow(desk.duty, case, event, tx)
    return said + counted if isinstance(event, BEGINNINGS) else counted + handler(desk, event, tx)
