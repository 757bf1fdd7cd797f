"""What the API answers. Nothing goes out that does not stand here."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.domain.clusters import Over


class Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class LinksOut(Out):
    model_config = ConfigDict(frozen=True, populate_by_name=True)

    self_: str = Field(alias="self")
    page: str


class CreatedOut(Out):
    """A case was written down. `number` and `tracking_code` are for the caller: together they open /track."""

    case_id: UUID
    number: str
    kind: str
    report_type: str | None
    status: str
    links: LinksOut
    tracking_code: str


class CallerOut(Out):
    name: str | None
    phone: str | None
    residence: str | None


class EmployerOut(Out):
    name: str | None
    uscc: str | None
    work_address: str | None
    work_district: str | None
    address: str | None


class RecordOut(Out):
    """The full record; amounts in yuan (元). `caller` None: unknown, or `identity_withheld`."""

    text: str
    caller: CallerOut | None
    identity_withheld: bool
    employer: EmployerOut
    amount_owed: float | None
    workers_affected: int | None
    recording_ref: str | None


class RoutingOut(Out):
    """Where the case went and why. `reason`: the facts that the rule used."""

    unit: str
    unit_name: str
    district: str | None
    rule: str
    version: str
    reason: dict[str, str]
    bounces: int


class TimelineOut(Out):
    """One event. `text`: a sentence in the reader's language; `words`: what somebody wrote, if the reader may
    see it.
    """

    type: str
    at: datetime
    source: str
    by: str | None
    text: str
    words: str | None


class OutcomeOut(Out):
    """What the unit claims. Amount in yuan (元)."""

    outcome: str
    resolved: bool
    amount_recovered: float | None


class CaseLine(Out):
    """A case in a list: nothing personal."""

    case_id: UUID
    number: str
    kind: str
    report_type: str | None
    channel: str
    status: str
    urgent: bool
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    employer_name: str | None
    work_district: str | None
    unit: str | None
    unit_name: str | None


class ClusterOut(Out):
    """The cluster of a case's employer or site now. Amount in yuan (元); `level` None: none crossed."""

    over: Over
    callers: int
    workers: int
    amount_owed: float | None
    days: int
    level: str | None
    level_name: str | None


class CaseOut(Out):
    case_id: UUID
    number: str
    kind: str
    report_type: str | None
    channel: str
    status: str
    urgent: bool
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    owner: str | None
    work_district: str | None
    residence_district: str | None
    record: RecordOut | None
    routing: RoutingOut | None
    outcome: OutcomeOut | None
    delivered_at: datetime | None
    informed_at: datetime | None
    closed_at: datetime | None
    timeline: tuple[TimelineOut, ...]
    parent: CaseLine | None
    parts: tuple[CaseLine, ...]
    merged_into: CaseLine | None
    same_call: tuple[CaseLine, ...]
    cluster: ClusterOut | None
    links: LinksOut


class CasesOut(Out):
    """One page of a list, newest first. `next`: the cursor of the following page, or None."""

    cases: tuple[CaseLine, ...]
    next: str | None


class ProgressLine(Out):
    case_id: UUID
    status: str
    received_at: datetime
    delivered_at: datetime | None
    informed_at: datetime | None


class ProgressOut(Out):
    cases: tuple[ProgressLine, ...]


class StatusOut(Out):
    """Where the case stands after an action."""

    case_id: UUID
    status: str


class AttachedOut(Out):
    """The call belongs to the case now. `number` and `tracking_code` are for the caller."""

    case_id: UUID
    number: str
    status: str
    tracking_code: str


def links(case_id: UUID) -> LinksOut:
    return LinksOut(self_=f"/api/cases/{case_id}", page=f"/desk/cases/{case_id}")
