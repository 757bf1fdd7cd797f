"""What the router keeps: each case as far as routing goes, and every decision with what it went by."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.domain.refusals import Refusal
from services.kernel.columns import Big, UtcDateTime
from services.kernel.database.schema import History
from services.kernel.problem import Problem, read_kinds
from services.router.alerts import RouterAlert
from services.router.clocks import RouterClock
from services.router.closures import RouterClosure
from services.router.dry_runs import RouterDryRun, RouterDryRunCase
from services.router.editions import RouterEdition
from services.router.objections import RouterObjection
from services.router.recount import RouterRecount


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

    `clocks`: ids of the periods that are for such a case, by spaces; `resolved_at`: when a unit reported its
    result; `alert`: the alarm that nobody has answered yet.
    `hold_*`, `held_at`, `proposed_unit`: of the last time it was held; `trouble`: why it was not delivered.
    """

    __tablename__ = "router_case"
    __table_args__ = (
        Index("router_case_held", "state", "urgent", "held_at", "case_id"),
        Index("router_case_at_unit", "state", "unit", "updated_at"),
        Index("router_case_received", "received_at", "case_id"),
    )
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
    received_at: datetime = Field(sa_type=UtcDateTime)
    clocks: str = ""
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    alert: UUID | None = None


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
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
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
HISTORY: Final = History(
    "router",
    (RouterCase, RouterDecision, RouterEdition, RouterClosure, RouterDryRun, RouterDryRunCase,
     RouterClock, RouterObjection, RouterAlert, RouterRecount),
    Path(__file__).parent / "migrations",
)  # fmt: skip


def problem(slug: str) -> Problem:
    """A problem of problems.toml."""
    kind = KINDS[slug]
    return Problem(slug, kind.status, kind.zh, kind.en)


def refusal(slug: str, field: str) -> Refusal:
    """A refusal of problems.toml, said of `field`."""
    return Refusal(slug, KINDS[slug].zh, KINDS[slug].en, field)
