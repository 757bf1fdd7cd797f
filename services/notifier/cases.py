"""The cases of a transaction: loaded together, changed in memory, written together before the commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.domain.events import Event
from services.kernel.faults import TooEarly
from services.kernel.kept import Kept
from services.kernel.tx import Tx
from services.notifier.models import NotifierCase


@dataclass(slots=True)
class Case:
    """How the caller of a case is told.

    `contact`: sealed[contact] JSON as intake made it. `reach`: "sms", "call", "web" (by the webhook
    alone), or None: nothing is ever sent. `hook`: the destination of the subscriber's webhook,
    "webhook:<host>"; `hook_url`: sealed under "callback_url"; `hook_client`: whose secret signs.
    `unit`: who has the case. `calling`: a call-back is open. `newest`: key of the text message with the
    latest result. `texts`, `hooks`: how many were asked for, which numbers their keys.
    """

    case_id: UUID
    number: str
    language: str
    urgent: bool
    told_by: str
    received_at: datetime
    contact: str | None = None
    reach: str | None = None
    hook: str | None = None
    hook_url: str | None = None
    hook_client: str | None = None
    unit: str | None = None
    closed: bool = False
    calling: bool = False
    newest: str | None = None
    texts: int = 0
    hooks: int = 0
    erased_at: datetime | None = None


class Unheard(TooEarly):
    """News of a case of which the notifier has not heard: somebody must look why if it stays so."""


CASES: Final = Kept(NotifierCase, Case, key="case_id")


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Load the cases of a batch with one statement."""
    CASES.load(tx, {one.case_id for one in events})


def case_of(tx: Tx, case_id: UUID) -> Case | None:
    """The case with all that this transaction changed; None when there is no such case."""
    return CASES.get(tx, case_id)


def known_case(tx: Tx, case_id: UUID) -> Case:
    """As `case_of`; raises Unheard."""
    case = CASES.get(tx, case_id)
    if case is None:
        raise Unheard
    return case
