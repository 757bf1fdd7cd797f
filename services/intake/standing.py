"""Where the cases of a transaction stand: read once, changed in memory, written once, before the commit.

A batch holds several events of a case, and every event moves something. So the rows are loaded together, and
one statement writes all that changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.domain.events import Event
from services.domain.life import Status
from services.intake.models import CaseRow
from services.kernel.kept import Kept
from services.kernel.tx import Tx


@dataclass(slots=True)
class Standing:
    """The columns of intake_case that events change, and those that decide what follows from an event."""

    case_id: UUID
    status: str
    updated_at: datetime
    unit: str | None
    unit_name: str | None
    unit_district: str | None
    rule: str | None
    version: str | None
    reason: str | None
    bounces: int
    outcome: str | None
    resolved: bool | None
    amount_recovered_fen: int | None
    delivered_at: datetime | None
    informed_at: datetime | None
    closed_at: datetime | None
    told_by: str
    parent: UUID | None
    open_parts: int
    closes_as: str | None
    merged_into: UUID | None
    owner: str | None

    @property
    def stands(self) -> Status:
        return Status(self.status)


CASES: Final = Kept(CaseRow, Standing, key="case_id")


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Load the cases of a batch with one statement."""
    CASES.load(tx, {one.case_id for one in events})


def standing(tx: Tx, case_id: UUID) -> Standing | None:
    """Where the case stands, with all that this transaction changed; None when there is no such case."""
    return CASES.get(tx, case_id)


def with_unit(tx: Tx, case_id: UUID, unit: str) -> Standing | None:
    """The case that a unit says something of; None when it is with another unit by now.

    A log that was lost is filled again while new events come, so a unit may be heard before the router. What
    it says of a case says that the case was routed to it.
    """
    case = standing(tx, case_id)
    if case is None or case.unit not in (None, unit):
        return None
    if case.unit is None and case.stands is Status.RECEIVED:
        case.status = Status.ROUTED.value
    return case
