"""What else belongs to a case: the case it is a part of, its own parts, where it goes on, its cluster."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, or_, select

from services.domain.clusters import Cluster, ClustersFile
from services.domain.kinds import ReportType
from services.intake.alarms import Counted
from services.intake.counting import sizes_of
from services.intake.models import CaseRow, ClusterCaseRow
from services.intake.seen import line_of
from services.intake.sight import reveals
from services.intake.views import CaseLine
from services.kernel.columns import table
from services.kernel.roles import Principal
from services.kernel.sql import Look, Sql

MOST: Final = 50  # parts that are shown
_CASE, _OF = table(CaseRow), table(ClusterCaseRow)
_LINKED: Final = Sql(
    select(*(_CASE.c[name] for name in CaseLine.model_fields), _CASE.c.parent, _CASE.c.call_id)
    .where(
        or_(
            _CASE.c.parent == bindparam("whole", type_=_CASE.c.case_id.type),
            _CASE.c.case_id == bindparam("above", type_=_CASE.c.case_id.type),
            _CASE.c.case_id == bindparam("into", type_=_CASE.c.case_id.type),
            _CASE.c.call_id == bindparam("call", type_=_CASE.c.case_id.type),
        )
    )
    .order_by(_CASE.c.case_id)
    .limit(bindparam("most", type_=Integer))
)
_KEYS: Final = Sql(select(_OF.c.key).where(_OF.c.case_id == bindparam("of_case")))


@dataclass(frozen=True, slots=True)
class Linked:
    """All None or empty for most cases. `same_call`: what else the caller brought (same_call.py), for those
    who may know whose report is whose.
    """

    parent: CaseLine | None = None
    parts: tuple[CaseLine, ...] = ()
    merged_into: CaseLine | None = None
    same_call: tuple[CaseLine, ...] = ()
    cluster: Cluster | None = None


def linked(look: Look, who: Principal, row: CaseRow, clusters: ClustersFile, now: datetime) -> Linked:
    """For those who see every case; another system sees its own ones only, one by one."""
    if not who.may("case.read.all"):
        return Linked()
    found = look.all(
        _LINKED, whole=row.case_id, above=row.parent, into=row.merged_into, call=row.call_id, most=MOST
    )
    lines = {one.case_id: (line_of(one), one.parent) for one in found}
    beside = [line_of(one) for one in found if row.call_id is not None and one.call_id == row.call_id]
    return Linked(
        parent=_line(lines, row.parent),
        parts=tuple(line for line, parent in lines.values() if parent == row.case_id),
        merged_into=_line(lines, row.merged_into),
        same_call=tuple(one for one in beside if one.case_id != row.case_id and _may_link(who, row, one)),
        cluster=cluster_of_case(look, row.case_id, clusters, now),
    )


def cluster_of_case(look: Look, case_id: UUID, clusters: ClustersFile, now: datetime) -> Cluster | None:
    """As it is now; None while the case is alone."""
    keys = [row.key for row in look.all(_KEYS, of_case=case_id)]
    return Counted.of(sizes_of(look, keys, clusters, now), clusters).cluster(keys) if keys else None


def _may_link(who: Principal, row: CaseRow, other: CaseLine) -> bool:
    """A report beside a named case would tell who reported (劳动保障监察条例 art 9)."""
    return reveals(who) or ReportType.REPORT not in (row.report_type, other.report_type)


def _line(lines: dict[UUID, tuple[CaseLine, UUID | None]], case_id: UUID | None) -> CaseLine | None:
    found = lines.get(case_id) if case_id else None
    return found[0] if found else None
