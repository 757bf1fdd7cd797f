"""Where the cases of a transaction stand: read once, changed in memory, written once, before the commit.

A batch holds several events of a case, and every event moves something. So the rows are loaded together, and
one statement writes all that changed. Inside a transaction the case row is looked at only through `standing`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, event, select, update
from sqlalchemy.orm import Session

from services.domain.events import Event
from services.domain.life import Status
from services.intake.models import CaseRow
from services.kernel.columns import table
from services.kernel.store import Tx


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

    @property
    def stands(self) -> Status:
        return Status(self.status)


_CASE: Final = table(CaseRow)
_NAMES: Final = tuple(field.name for field in fields(Standing))
_WANTED: Final[BindParameter[UUID]] = bindparam("cases", expanding=True)
_LOAD: Final = select(*(_CASE.c[name] for name in _NAMES)).where(_CASE.c.case_id.in_(_WANTED))
_WRITE: Final = (
    update(_CASE)
    .where(_CASE.c.case_id == bindparam("row"))
    .values({name: bindparam(name) for name in _NAMES if name != "case_id"})
)
_INFO: Final = "intake.standing"


@dataclass(slots=True)
class _Gathered:
    """The cases that a transaction has looked at; None: there is no such case."""

    known: dict[UUID, Standing | None]
    touched: set[UUID]


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Load the cases of a batch with one statement."""
    _load(tx, {one.case_id for one in events})


def standing(tx: Tx, case_id: UUID) -> Standing | None:
    """Where the case stands, with all that this transaction changed; None when there is no such case."""
    gathered = _gathered(tx)
    if case_id not in gathered.known:
        _load(tx, {case_id})
    return gathered.known[case_id]


def change(tx: Tx, case: Standing) -> None:
    """Let what was changed be written with this transaction."""
    case.updated_at = tx.now
    _gathered(tx).touched.add(case.case_id)


def _load(tx: Tx, cases: Iterable[UUID]) -> None:
    known = _gathered(tx).known
    if missing := [case for case in cases if case not in known]:
        tx.flush_rows()  # a case that was written down in this same transaction
        for row in tx.connection().execute(_LOAD, {"cases": missing}):
            known[row[0]] = Standing(*row)
        for case in missing:
            known.setdefault(case)


def _gathered(tx: Tx) -> _Gathered:
    found = tx.info.get(_INFO)
    if isinstance(found, _Gathered):
        return found
    gathered = tx.info[_INFO] = _Gathered({}, set())
    event.listen(tx, "before_commit", _write)
    return gathered


def _write(tx: Session) -> None:
    gathered = tx.info[_INFO]
    rows = [gathered.known[case] for case in gathered.touched]
    gathered.touched = set()
    if rows:
        tx.connection().execute(
            _WRITE, [{"row" if n == "case_id" else n: getattr(row, n) for n in _NAMES} for row in rows]
        )
