"""Dry runs (试算): a draft is tried on the cases of the last days, before it is put in force.

Both editions decide every case by the facts that are kept of it; nothing is sent, no case is touched. Those
that would go elsewhere are kept with the run, one row each, so that a supervisor can look at every one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Index, bindparam, delete, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as choose

from services.kernel.columns import Big, UtcDateTime, table
from services.kernel.kept import Kept
from services.kernel.sql import Look, Sql
from services.kernel.tx import Tx

HELD: Final = "held."
"""Before a hold reason, where a unit's id stands otherwise."""


class Course(StrEnum):
    """How far a run is. `replaced`: a newer one took its place, and its rows are being deleted."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    REPLACED = "replaced"


UNDER_WAY: Final = (Course.WAITING, Course.RUNNING)


class RouterDryRun(SQLModel, table=True):
    """A run of edition `edition` at `revision` against the edition `against`, over cases since `since`.

    `seen` of `total` cases were looked at, up to (`last_at`, `last_case`); `moves`: "from>to" to count, JSON.
    """

    __tablename__ = "router_dry_run"
    __table_args__ = (Index("router_dry_run_course", "course", "id"), {"sqlite_autoincrement": True})
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    edition: int = Field(index=True)
    revision: int
    against: int
    days: int
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    course: str
    total: int
    seen: int
    changed: int
    moves: str
    last_at: datetime = Field(sa_type=UtcDateTime)
    last_case: UUID
    by: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    began_at: datetime | None = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(sa_type=UtcDateTime)


class RouterDryRunCase(SQLModel, table=True):
    """A case that would go elsewhere. `was`, `now`: a unit, or "held." and a reason."""

    __tablename__ = "router_dry_run_case"
    __table_args__ = (Index("router_dry_run_case_move", "run", "was", "now", "place"),)
    run: int = Field(primary_key=True, sa_type=Big)
    place: int = Field(primary_key=True)
    case_id: UUID
    number: str
    kind: str
    was: str
    was_rule: str | None
    now: str
    now_rule: str | None


@dataclass(slots=True)
class Run:
    """The row of `router_dry_run`."""

    id: int
    edition: int
    revision: int
    against: int
    since: datetime
    until: datetime
    course: str
    total: int
    seen: int
    changed: int
    moves: str
    last_at: datetime
    last_case: UUID
    began_at: datetime | None
    ended_at: datetime | None
    lease_until: datetime | None


RUNS: Final = Kept(RouterDryRun, Run, key="id")
MOVES: Final = TypeAdapter(dict[str, int])
_TABLE, _LINES = table(RouterDryRun), table(RouterDryRunCase)
_OF_EDITION: Final = Sql(select(_TABLE.c.id, _TABLE.c.course).where(_TABLE.c.edition == bindparam("wanted")))
_IN_COURSE: Final = Sql(
    select(_TABLE.c.id).where(_TABLE.c.course == bindparam("wanted")).order_by(_TABLE.c.id).limit(1)
)
_FIRST_LINES: Final = select(_LINES.c.place).where(_LINES.c.run == bindparam("old")).limit(2_000)
_FORGET_LINES: Final = Sql(
    delete(_LINES).where(_LINES.c.run == bindparam("old"), _LINES.c.place.in_(_FIRST_LINES))
)
_FORGET: Final = Sql(delete(_TABLE).where(_TABLE.c.id == bindparam("old")))


def runs_of(look: Look, edition: int) -> dict[int, str]:
    """The runs of an edition with their course."""
    return {one.id: one.course for one in look.all(_OF_EDITION, wanted=edition)}


def first_in(look: Look, course: Course) -> int | None:
    found = look.one(_IN_COURSE, wanted=course.value)
    return None if found is None else int(found.id)


def forget(tx: Tx, run: int) -> bool:
    """Delete a replaced run, two thousand rows at a time; whether it is gone."""
    if tx.run(_FORGET_LINES, old=run):
        return False
    tx.run(_FORGET, old=run)
    return True


def latest(session: Session, edition: int) -> RouterDryRun | None:
    """The last run of this edition that was not replaced."""
    wanted = choose(RouterDryRun).where(
        RouterDryRun.edition == edition, RouterDryRun.course != Course.REPLACED.value
    )
    return session.exec(wanted.order_by(col(RouterDryRun.id).desc()).limit(1)).first()


def cases_of(
    session: Session, run: int, limit: int, after: int = 0, was: str | None = None, now: str | None = None
) -> Sequence[RouterDryRunCase]:
    """Cases that would go elsewhere, from the one after place `after` on; of one move, where it is given."""
    wanted = choose(RouterDryRunCase).where(RouterDryRunCase.run == run, col(RouterDryRunCase.place) > after)
    if was is not None and now is not None:
        wanted = wanted.where(RouterDryRunCase.was == was, RouterDryRunCase.now == now)
    return session.exec(wanted.order_by(col(RouterDryRunCase.place)).limit(limit)).all()
