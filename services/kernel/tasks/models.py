"""An adapter's own tables: its tasks, and the messages that moved them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.domain.events import CaseRouted
from services.kernel.columns import Big, UtcDateTime
from services.kernel.tasks.life import State

UNFINISHED: Final = "finished_at IS NULL"  # queries repeat this, or SQLite does not use the partial index
_OPEN: Final = text(UNFINISHED)


class Task(SQLModel, table=True):
    """One unit's task for one case. `key`: its Idempotency-Key at the unit's system, in order of time.

    `rank` sorts a worklist: urgent ones first, then by the time to accept by, then by age.
    `record` is sealed[task]; `history` a JSON list of {at, step, by, code?, note?, summary?, amount?}, texts
    sealed. `cluster`: clusters.Cluster as JSON, of a case that is one of many. `stage`: of the unit's
    procedure; `officers` handle it, `recused` may not (JSON lists of staff numbers).
    `reason`: of the objection, or why it could not be delivered (`status`: the last HTTP status).
    """

    __tablename__ = "task"
    __table_args__ = (
        # A unit's open tasks of one list, and how many each list holds.
        Index("task_unfinished", "unit", "state", "rank", sqlite_where=_OPEN, postgresql_where=_OPEN),
        # Everybody's: the first ones in order, the list checked within the index.
        Index("task_by_rank", "rank", "state", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("task_of_unit", "unit", "key"),
        Index("task_of_case", "case_id"),
    )
    key: str = Field(primary_key=True)
    case_id: UUID
    number: str
    kind: str
    unit: str
    district: str | None = None
    urgency: str
    bounces: int = 0
    state: str = State.OPEN
    rank: str
    record: str = Field(repr=False)
    history: str = Field(default="[]", repr=False)
    routed_at: datetime = Field(sa_type=UtcDateTime)
    accept_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    via: str
    reference: str | None = None
    officer: str | None = None
    reason: str | None = None
    status: int | None = None
    outcome: str | None = None
    amount_recovered_fen: int | None = Field(default=None, sa_type=Big)
    cluster: str | None = None
    stage: str | None = None
    officers: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})
    recused: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})


class TaskMessage(SQLModel, table=True):
    """An applied message: a call-back by unit and webhook-id, or a form by its token. Kept 30 days."""

    __tablename__ = "task_message"
    __table_args__ = (Index("task_message_age", "at"),)
    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


def row_of(event: CaseRouted, key: str, via: str, now: datetime) -> Mapping[str, object]:
    """A new task's row: `http` tasks are on their way, `worklist` tasks are there at once."""
    there = via == "worklist"
    return {
        "key": key,
        "case_id": event.case_id,
        "number": event.number,
        "kind": event.kind,
        "unit": event.unit,
        "district": event.district,
        "urgency": event.urgency,
        "bounces": event.bounces,
        "state": State.DELIVERED if there else State.OPEN,
        "rank": _rank(event, key),
        "record": event.record,
        "history": "[]",
        "officers": "[]",
        "recused": "[]",
        "routed_at": event.at,
        "accept_by": event.accept_by,
        "delivered_at": now if there else None,
        "via": via,
        "cluster": event.cluster.model_dump_json() if event.cluster else None,
    }


def _rank(event: CaseRouted, key: str) -> str:
    due = "9999" if event.accept_by is None else event.accept_by.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{0 if event.urgency == 'urgent' else 1} {due} {key}"
