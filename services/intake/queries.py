"""Looking cases up: one, a page of many, by number, phone or employer. Every query carries the reader's
scope.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session

from services.domain import identifiers
from services.domain.city import City
from services.domain.clusters import ClustersFile
from services.domain.kinds import Kind, ReportType
from services.domain.life import Status
from services.domain.sealing import Keyring
from services.intake.linked import Linked, linked
from services.intake.models import CaseRow, TimelineRow
from services.intake.schemas import SearchIn
from services.intake.sight import reveals, scope
from services.intake.timeline import rows_of
from services.intake.views import CaseLine, CasesOut, ProgressLine
from services.kernel.columns import table
from services.kernel.roles import Principal
from services.kernel.store import Looking

PAGE: Final = 50
_CASE: Final = table(CaseRow)
_LINE: Final = tuple(_CASE.c[name] for name in CaseLine.model_fields)
_PROGRESS: Final = (
    _CASE.c.case_id, _CASE.c.status, _CASE.c.created_at.label("received_at"),
    _CASE.c.delivered_at, _CASE.c.informed_at,
)  # fmt: skip
T = TypeVar("T")
Query = Callable[[Looking], T]
Found = tuple[CaseRow, list[TimelineRow], Linked]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None: everything. `before`: cursor, the last case of the page before."""

    status: Status | None = None
    kind: Kind | None = None
    unit: str | None = None
    district: str | None = None
    mine: bool = False
    before: UUID | None = None
    limit: int = PAGE


def find(who: Principal, case_id: UUID, clusters: ClustersFile, now: datetime) -> Query[Found | None]:
    """The case with its timeline; None when there is none, or when it is not the reader's to see."""

    def query(look: Looking) -> Found | None:
        row = look.scalars(select(CaseRow).where(_CASE.c.case_id == case_id, scope(who))).first()
        return None if row is None else (row, rows_of(look, case_id), linked(look, who, row, clusters, now))

    return query


def page(who: Principal, filters: Filters) -> Query[CasesOut]:
    """Newest first: ids grow with time, so the cursor is the last id."""
    wanted = [scope(who), *_conditions(who, filters)]
    ordered = select(*_LINE).where(*wanted).order_by(_CASE.c.case_id.desc()).limit(filters.limit + 1)

    def query(session: Session) -> CasesOut:
        lines = _lines(session, ordered)
        more = len(lines) > filters.limit
        shown = lines[: filters.limit]
        return CasesOut(cases=tuple(shown), next=str(shown[-1].case_id) if more else None)

    return query


def search(who: Principal, given: SearchIn, city: City, keyring: Keyring) -> Query[CasesOut] | None:
    """The newest cases that fit; None when nothing is asked for. Raises Refusal for a number that cannot be
    one.

    By telephone a report is found only by those who may know its caller: finding it would say who that is.
    """
    wanted: list[ColumnElement[bool]] = []
    if given.number:
        wanted.append(_CASE.c.number == identifiers.parse_number(given.number))
    if given.phone:
        indexes = keyring.blind_indexes(identifiers.phone(given.phone, city.area_code).e164)
        wanted.append(_CASE.c.phone_index.in_(indexes))
        if not reveals(who):
            wanted.append(or_(_CASE.c.report_type.is_(None), _CASE.c.report_type != ReportType.REPORT.value))
    if given.employer and len(given.employer) > 1:
        wanted.append(_CASE.c.employer_name.contains(given.employer, autoescape=True))
    if not wanted:
        return None
    if given.status:
        wanted.append(_CASE.c.status == given.status.value)
    ordered = select(*_LINE).where(scope(who), *wanted).order_by(_CASE.c.case_id.desc()).limit(PAGE)
    return lambda session: CasesOut(cases=tuple(_lines(session, ordered)), next=None)


def progress(who: Principal, case_ids: Sequence[UUID]) -> Query[tuple[ProgressLine, ...]]:
    """How far these cases are; those that are not the reader's are left out."""
    wanted = select(*_PROGRESS).where(scope(who), _CASE.c.case_id.in_(case_ids))

    def query(session: Session) -> tuple[ProgressLine, ...]:
        rows = session.connection().execute(wanted)
        return tuple(ProgressLine.model_construct(**row._mapping) for row in rows)

    return query


def counts(who: Principal) -> Query[dict[str, int]]:
    """How many cases of one's own stand in each status."""
    mine = _CASE.c.created_by == who.by
    counted = select(_CASE.c.status, func.count()).where(mine).group_by(_CASE.c.status)
    return lambda session: dict(session.connection().execute(counted).all())


def _conditions(who: Principal, filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.status:
        wanted.append(_CASE.c.status == filters.status.value)
    if filters.kind:
        wanted.append(_CASE.c.kind == filters.kind.value)
    if filters.unit:
        wanted.append(_CASE.c.unit == filters.unit)
    if filters.district:
        wanted.append(
            or_(_CASE.c.unit_district == filters.district, _CASE.c.work_district == filters.district)
        )
    if filters.mine:
        wanted.append(_CASE.c.created_by == who.by)
    if filters.before:
        wanted.append(_CASE.c.case_id < filters.before)
    return wanted


def _lines(session: Session, ordered: Any) -> list[CaseLine]:
    return [CaseLine.model_construct(**row._mapping) for row in session.connection().execute(ordered)]
