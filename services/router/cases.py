"""The cases of a transaction: loaded together, changed in memory, written together before the commit.

Most events only move a case on; what a decision needs besides (facts, sealed record) is read when one is
made.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from services.domain.events import Event
from services.kernel.kept import Kept
from services.kernel.tx import Tx
from services.router.clocks import look_up, new_to_the_world
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
    clocks: str
    resolved_at: datetime | None
    alert: UUID | None
    updated_at: datetime


@dataclass(slots=True)
class File:
    """What is known of the matter itself: facts as JSON, the record sealed."""

    case_id: UUID
    number: str
    kind: str
    facts: str
    record: str


_NAMES: Final = tuple(one.name for one in fields(Case))
CASES: Final = Kept(RouterCase, Case, key="case_id")
FILES: Final = Kept(RouterCase, File, key="case_id")


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Load the cases of a batch with one statement, and the clocks of those that are known with two."""
    cases = {event.case_id for event in events}
    CASES.load(tx, cases)
    look_up(tx, [case for case in cases if CASES.get(tx, case) is not None])


def begin(tx: Tx, row: Mapping[str, object]) -> Case:
    """A case that has just come in: its row, of which nobody need read anything again."""
    tx.insert(RouterCase, **row)
    case = CASES.know(tx, Case(**{name: cast(Any, row[name]) for name in _NAMES}))
    new_to_the_world(tx, case.case_id)
    return case


def move(tx: Tx, case_id: UUID, to: State, since: Collection[State], unit: str | None = None) -> Case | None:
    """Move the case to `to` if it stands in one of `since`, with `unit` where given; None: it does not."""
    case = CASES.get(tx, case_id)
    if case is None or case.state not in since or unit not in (None, case.unit):
        return None
    case.state, case.updated_at = to.value, tx.now
    return case
