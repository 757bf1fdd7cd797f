"""What the API says of units, their workloads, and closures."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from services.domain.units import Unit, UnitType
from services.router.edition_views import Given, Note

UnitRef = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class UnitIn(Given):
    unit: Unit
    note: Note


class CloseIn(Given):
    """`successor`: who takes over; left out: a person decides each open case."""

    successor: UnitRef | None = None
    note: Note


class ResumeIn(Given):
    note: Note


class UnitOut(BaseModel):
    """A unit of the directory. `via`: its own system, or our worklist."""

    id: str
    type: UnitType
    title: str
    is_open: bool
    via: str
    unit: Unit


class Directory(BaseModel):
    """`edition`: the newest; it is the ETag too, to be sent back with a change."""

    edition: int
    units: list[UnitOut]


class WorkloadOut(BaseModel):
    """A unit's open cases, as services.router.workloads explains."""

    unit: str
    unit_name: str
    is_open: bool
    waiting: int
    oldest: datetime | None
    accepted: int
    urgent: int
    undelivered: int
    bounced: int
    silent: bool
    sent_back: int
    again: int


class ClosureOut(BaseModel):
    unit: str
    unit_name: str
    successor: str | None
    suspended: bool
    edition: int
    by: str | None
    at: datetime
    moved: int
    held: int
    left: int
    ended_at: datetime | None


class ClosureReport(BaseModel):
    """`orphaned`: open cases with a unit that takes none; 0 means that nobody's case is with nobody."""

    orphaned: int
    closures: list[ClosureOut]
