"""The cases of a transaction: loaded together, changed in memory, written together before the commit.

Most events only move a case on; what a decision needs besides (facts, sealed record) is read when one is
made.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.domain.events import Event
from services.kernel.kept import Kept
from services.kernel.tx import Tx
from services.router.models import RouterCase, State


@dataclass(slots=True)
class Case:
    """Where a case stands, as `models.RouterCase` explains it."""

    case_id: UUID
    state: str
    unit: str | None
    urgent: bool
    tried: str
    bounces: int
    hold_reason: str | None
    hold_facts: str | None
    held_at: datetime | None
    proposed_unit: str | None
    trouble: str | None
    updated_at: datetime


@dataclass(slots=True)
class File:
    """What is known of the matter itself: facts as JSON, the record sealed."""

    case_id: UUID
    number: str
    kind: str
    facts: str
    record: str


CASES: Final = Kept(RouterCase, Case, key="case_id")
FILES: Final = Kept(RouterCase, File, key="case_id")


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Load the cases of a batch with one statement."""
    CASES.load(tx, {event.case_id for event in events})


def move(tx: Tx, case_id: UUID, to: State, since: Collection[State], unit: str | None = None) -> Case | None:
    """Move the case to `to` if it stands in one of `since`, with `unit` where given; None: it does not."""
    case = CASES.get(tx, case_id)
    if case is None or case.state not in since or unit not in (None, case.unit):
        return None
    case.state, case.updated_at = to.value, tx.now
    return case
