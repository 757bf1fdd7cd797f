"""Intake's tables. Sealed: identity, record, and the words inside the timeline's details."""

from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.kernel.columns import Big, UtcDateTime
from services.kernel.database.schema import History

SEVERAL: Final = "call_id IS NOT NULL"
WAITING: Final = "channel = 'voicemail' AND closed_at IS NULL"
"""Of a query too, word for word: SQLite finds the index by it."""


class CaseRow(SQLModel, table=True):
    """One case and where it stands.

    Money in fen (分). `identity`: sealed[identity] JSON of who the caller is and how to reach them; `record`:
    sealed[task] JSON, the full record as it travels. `phone_index`: keyed hash of the E.164 number.
    `employer_core`: the employer's name without what people vary (domain/employers.py).
    `parent`: the case of which this is a part (分办); `open_parts`: how many of its own are not closed yet,
    and `closes_as`: with what reason it closes when they are. `merged_into`: where it goes on (并案).
    `call_id`: the first case of the call that brought several; it never leaves intake, or a report would be
    told from its neighbours. `owner`: who at the hotline sees to it, by staff number.
    `reason`: JSON, the facts that the router used. `delivered_at`: when a unit first had it.
    """

    __tablename__ = "intake_case"
    __table_args__ = (
        # Voice mails that wait for an answer, the oldest first.
        Index("intake_case_voicemail", "case_id", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
        Index("intake_case_call", "call_id", sqlite_where=text(SEVERAL), postgresql_where=text(SEVERAL)),
        Index("intake_case_status", "status", "case_id"),
        Index("intake_case_unit", "unit", "case_id"),
        Index("intake_case_mine", "created_by", "case_id"),
        # Seen before: the open ones are those without closed_at, the newest last.
        Index("intake_case_phone", "phone_index", "closed_at", "case_id"),
        Index("intake_case_uscc", "uscc", "closed_at", "case_id"),
        Index("intake_case_employer", "employer_core", "closed_at", "case_id"),
    )
    case_id: UUID = Field(primary_key=True)
    number: str = Field(unique=True)
    kind: str
    report_type: str | None = None
    channel: str
    status: str
    urgent: bool
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str | None = None
    staff_number: str | None = None
    client: str | None = None
    work_district: str | None = None
    work_street: str | None = None
    employer_district: str | None = None
    residence_district: str | None = None
    employer_name: str | None = None
    uscc: str | None = None
    amount_owed_fen: int | None = Field(default=None, sa_type=Big)
    workers_affected: int | None = None
    tags: str = "[]"
    language: str = "zh-CN"
    told_by: str
    phone_index: str | None = None
    identity: str | None = Field(default=None, repr=False)
    record: str | None = Field(default=None, repr=False)
    unit: str | None = None
    unit_name: str | None = None
    unit_district: str | None = None
    rule: str | None = None
    version: str | None = None
    reason: str | None = None
    bounces: int = 0
    outcome: str | None = None
    resolved: bool | None = None
    amount_recovered_fen: int | None = Field(default=None, sa_type=Big)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    informed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    employer_core: str | None = None
    parent: UUID | None = Field(default=None, index=True)
    open_parts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    closes_as: str | None = None
    merged_into: UUID | None = None
    call_id: UUID | None = None
    owner: str | None = None


class TimelineRow(SQLModel, table=True):
    """One event of a case as it was heard. `details`: JSON of the fields that its sentence needs."""

    __tablename__ = "intake_timeline"
    __table_args__ = (Index("intake_timeline_case", "case_id", "id"), {"sqlite_autoincrement": True})
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    case_id: UUID
    at: datetime = Field(sa_type=UtcDateTime)
    type: str
    source: str
    by: str | None = None
    details: str


class BandRow(SQLModel, table=True):
    """A keyed trace of a case's text, by which similar ones are found (domain/similarity.py)."""

    __tablename__ = "intake_band"
    __table_args__ = (Index("intake_band_case", "case_id"),)
    band: int = Field(primary_key=True, sa_type=Big)
    case_id: UUID = Field(primary_key=True)


class UntracedRow(SQLModel, table=True):
    """A case whose text leaves its traces in a moment (traces.py)."""

    __tablename__ = "intake_untraced"
    case_id: UUID = Field(primary_key=True)


class ClusterRow(SQLModel, table=True):
    """An employer or a site by its key. `raised`: JSON, level to when its threshold was last crossed.

    `key`: "u" and the USCC, or "n" and "s" with a keyed hash of district and name or place of work.
    """

    __tablename__ = "intake_cluster"
    key: str = Field(primary_key=True)
    raised: str = "{}"


class ClusterCaseRow(SQLModel, table=True):
    """A case against an employer or site. `caller`: the phone's keyed hash, else the case's own id."""

    __tablename__ = "intake_cluster_case"
    __table_args__ = (
        # All that counting needs: it never looks at the table.
        Index("intake_cluster_window", "key", "at", "caller", "workers", "amount_owed_fen", "case_id"),
        Index("intake_cluster_of_case", "case_id"),
    )
    key: str = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    caller: str
    workers: int | None = None
    amount_owed_fen: int | None = Field(default=None, sa_type=Big)


class IdempotencyRow(SQLModel, table=True):
    """An answer, for whoever sends the same again. `response`: JSON without the tracking code."""

    __tablename__ = "intake_idempotency"
    client: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    response: str
    case_id: UUID
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)


class CallbackRow(SQLModel, table=True):
    """A reporter who waits for a call (待回访): only intake knows the number.

    `state`: due → told | unreachable. `about`: outcome or answer. No call before `next_at`.
    """

    __tablename__ = "intake_callback"
    __table_args__ = (Index("intake_callback_due", "state", "next_at"),)
    case_id: UUID = Field(primary_key=True)
    state: str
    about: str
    attempts: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_by: str | None = None


HISTORY: Final = History(
    "intake",
    (CaseRow, TimelineRow, BandRow, UntracedRow, ClusterRow, ClusterCaseRow, IdempotencyRow, CallbackRow),
    Path(__file__).parent / "migrations",
)
