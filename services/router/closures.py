"""Units that take no more cases (UnitClosed): what they had goes to the successor, or to a person.

A closed unit's cases are moved in small slices until none is left; a case that comes to it late is found by
the next round. The report shows, for every closure, how many were moved and that none is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Index, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as choose

from services.domain.events import UnitClosed
from services.domain.units import Roster
from services.kernel.columns import Big, UtcDateTime, table
from services.kernel.kept import Kept
from services.kernel.sql import Look, Sql
from services.kernel.tx import Tx
from services.router.editions import Edition


class RouterClosure(SQLModel, table=True):
    """A unit closed with an edition. `successor`: who takes over; None: a person decides each case.

    `moved`, `held`: how many cases went to the successor and to a person; `ended_at`: open again since then.
    """

    __tablename__ = "router_closure"
    __table_args__ = (
        Index("router_closure_open", "ended_at", "id"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    unit: str
    edition: int
    successor: str | None
    suspended: bool
    by: str | None
    at: datetime = Field(sa_type=UtcDateTime)
    moved: int
    held: int
    ended_at: datetime | None = Field(sa_type=UtcDateTime)


@dataclass(slots=True)
class Closure:
    """The row of `router_closure`."""

    id: int
    unit: str
    successor: str | None
    moved: int
    held: int
    ended_at: datetime | None


CLOSURES: Final = Kept(RouterClosure, Closure, key="id")
_TABLE: Final = table(RouterClosure)
_OPEN: Final = Sql(select(_TABLE.c.id, _TABLE.c.unit).where(_TABLE.c.ended_at.is_(None)))


def note(tx: Tx, was: Roster, now: Roster, edition: Edition) -> None:
    """Write down and say which units are closed now and were open, and which are open again."""
    closed = open_ones(tx)
    for unit_id, unit in now.by_id.items():
        if unit.is_open and unit_id in closed:
            closure = CLOSURES.get(tx, closed[unit_id])
            if closure is not None:
                closure.ended_at = tx.now
    for unit_id, before in was.by_id.items():
        after = now.by_id.get(unit_id)
        if not before.is_open or (after is not None and after.is_open):
            continue
        taker = now.open_unit(unit_id) if after is not None else None
        successor = taker.id if taker is not None else None
        tx.insert(
            RouterClosure, unit=unit_id, edition=edition.number, successor=successor,
            suspended=after is not None and after.suspended, by=edition.activated_by, at=tx.now,
            moved=0, held=0, ended_at=None,
        )  # fmt: skip
        tx.put(
            UnitClosed(
                case_id=case_of(unit_id),
                at=tx.now,
                by=edition.activated_by,
                unit=unit_id,
                successor=successor,
            )
        )


def case_of(unit_id: str) -> UUID:
    """The key under which news of a unit travel."""
    return uuid5(NAMESPACE_URL, f"yikou:unit:{unit_id}")


def open_ones(look: Look) -> dict[str, int]:
    """The units that are closed now, with the closure of each."""
    return {one.unit: one.id for one in look.all(_OPEN)}


def listed(session: Session, limit: int) -> Sequence[RouterClosure]:
    """Closures, newest first."""
    return session.exec(choose(RouterClosure).order_by(col(RouterClosure.id).desc()).limit(limit)).all()
