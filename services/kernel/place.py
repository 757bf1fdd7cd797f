"""How far a service has come with a case: the last numbers that it heard of others, and its own.

One row for a case, because a batch brings events of several sources and puts events of ours, and each row
costs. The row is locked first: what a case hears and says stays in one order, whichever replica does it.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.kernel.kept import Kept


class Position(SQLModel, table=True):
    """`heard`: "intake:4 router:2", each source's last number; `said`: the last number of this service."""

    __tablename__ = "position"
    case_id: UUID = Field(primary_key=True)
    heard: str
    said: int


@dataclass(slots=True)
class Place:
    """A row of `position`."""

    case_id: UUID
    heard: str = ""
    said: int = 0


PLACES: Final = Kept(Position, Place, key="case_id")
