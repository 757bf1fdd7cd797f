"""What the router keeps: each case as far as routing goes, and every decision with what it went by."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import BindParameter, Index, Update, bindparam, literal_column, or_, text, update
from sqlmodel import Field, SQLModel, col, select

from services.domain.events import CaseCorrected, CaseReceived, CaseReopened, Event, TaskObjected
from services.domain.refusals import Refusal
from services.kernel.columns import UtcDateTime, table
from services.kernel.problem import read_kinds
from services.kernel.store import Tx


class State(StrEnum):
    """Where a case stands for the router: with a person, with a unit, or past routing."""

    HELD = "held"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CLOSED = "closed"


class RouterCase(SQLModel, table=True):
    """A case. `facts`: Facts as JSON; `tried`: the units that had it since the last new facts, by spaces.

    `hold_*`, `held_at`, `proposed_unit`: of the last time it was held; `trouble`: why it was not delivered.
    """

    __tablename__ = "router_case"
    __table_args__ = (Index("router_case_held", "state", "urgent", "held_at", "case_id"),)
    case_id: UUID = Field(primary_key=True)
    number: str
    kind: str
    urgent: bool
    facts: str
    record: str = Field(repr=False)
    state: str
    unit: str | None = None
    tried: str = ""
    bounces: int = 0
    hold_reason: str | None = None
    hold_facts: str | None = None
    held_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proposed_unit: str | None = None
    trouble: str | None = None
    updated_at: datetime = Field(sa_type=UtcDateTime)


class RouterDecision(SQLModel, table=True):
    """One decision, never changed. `unit` None: held. `by`: the supervisor; None: a rule decided.

    `facts`: field to value as JSON, codes only; `note`: the supervisor's words, sealed for `task`.
    """

    __tablename__ = "router_decision"
    __table_args__ = (
        Index("router_decision_case", "case_id", "id"),
        Index(
            "router_decision_by_hand",
            "at",
            sqlite_where=text('"by" IS NOT NULL'),
            postgresql_where=text('"by" IS NOT NULL'),
        ),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID
    at: datetime = Field(sa_type=UtcDateTime)
    unit: str | None
    hold_reason: str | None
    rule: str | None
    version: str
    facts: str
    district: str | None
    urgency: str | None
    bounces: int
    by: str | None
    note: str | None = Field(repr=False)


KINDS: Final = read_kinds(Path(__file__).parent)
TABLES: Final[tuple[type[SQLModel], ...]] = (RouterCase, RouterDecision)
_NEED_ROW = (CaseReceived, CaseCorrected, CaseReopened, TaskObjected)
_KNOWN = "router_case"


@dataclass(slots=True)
class _Known:
    """What this transaction knows: rows that it read (None: there is none), and cases that it inserted."""

    rows: dict[UUID, RouterCase | None] = field(default_factory=dict)
    inserted: set[UUID] = field(default_factory=set)


def refusal(slug: str, field: str) -> Refusal:
    """A refusal of problems.toml, said of `field`."""
    return Refusal(slug, KINDS[slug].zh, KINDS[slug].en, field)


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Read the rows that this batch's handlers will want, in one statement."""
    known = _known(tx)
    wanted = {event.case_id for event in events if isinstance(event, _NEED_ROW)} - known.rows.keys()
    if wanted:
        known.rows.update(dict.fromkeys(wanted))
        found = tx.exec(select(RouterCase).where(col(RouterCase.case_id).in_(wanted)))
        known.rows.update({row.case_id: row for row in found})


def find(tx: Tx, case_id: UUID) -> RouterCase | None:
    """The case's row; what is changed on it is written with the transaction."""
    rows = _known(tx).rows
    if case_id not in rows:
        rows[case_id] = tx.get(RouterCase, case_id)
    return rows[case_id]


def open_case(tx: Tx, case_id: UUID, **row: object) -> None:
    """Insert a case, together with the others of its group."""
    known = _known(tx)
    known.rows.pop(case_id, None)
    known.inserted.add(case_id)
    tx.insert(RouterCase, case_id=case_id, bounces=0, proposed_unit=None, trouble=None, **row)


def move(
    tx: Tx, case_id: UUID, to: State, since: Collection[State], unit: str | None = None, **values: object
) -> None:
    """Move the case to `to`, unread, if it stands in one of `since` (and with `unit` where given)."""
    known = _known(tx)
    if case_id in known.inserted or known.rows.get(case_id) is not None:
        row = find(tx, case_id)
        if row is not None and row.state in since and unit in (None, row.unit):
            row.sqlmodel_update({**values, "state": to.value, "updated_at": tx.now})
        return
    given = {"_case": case_id, "_unit": unit, "updated_at": tx.now, **values}
    tx.connection().execute(_moving(to, tuple(since), tuple(values)), given)


@lru_cache
def _moving(to: State, since: tuple[State, ...], columns: tuple[str, ...]) -> Update:
    """The statement of a move, made once: building it would cost more than running it."""
    cases = table(RouterCase)
    stands = or_(*(cases.c.state == literal_column(f"'{state.value}'") for state in since))
    with_unit = or_(cases.c.unit == bindparam("_unit"), bindparam("_unit").is_(None))
    values: dict[str, BindParameter[object]] = {name: bindparam(name) for name in ("updated_at", *columns)}
    return (
        update(cases)
        .where(cases.c.case_id == bindparam("_case"), stands, with_unit)
        .values(state=literal_column(f"'{to.value}'"), **values)
    )


def _known(tx: Tx) -> _Known:
    known = tx.info.get(_KNOWN)
    if not isinstance(known, _Known):
        known = tx.info[_KNOWN] = _Known()
    return known
