"""Seen before: earlier cases of this telephone, this employer, and with nearly this text; open ones first.

Three statements, each over an index, whatever was ever written down. By telephone a report (举报) is found
only by those who may know its caller: finding it would say who that is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    literal,
    or_,
    select,
    union_all,
)

from services.domain.kinds import ReportType
from services.domain.similarity import Grams
from services.intake.models import CaseRow
from services.intake.sight import reveals
from services.intake.similar import Texts
from services.intake.views import CaseLine
from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.roles import Principal
from services.kernel.sql import Look, Row, Sql

SHOWN: Final = 5
_FETCHED: Final = 8
_CASE: Final = table(CaseRow)
_LINE: Final = tuple(_CASE.c[name] for name in CaseLine.model_fields)
_MINE: Final = or_(
    bindparam("everyone", type_=Boolean),
    and_(
        _CASE.c.created_by == bindparam("me", type_=String),
        _CASE.c.client == bindparam("system", type_=String),
    ),
)
_SHOWN_BY_PHONE: Final = or_(
    bindparam("reveals", type_=Boolean),
    _CASE.c.report_type.is_(None),
    _CASE.c.report_type != ReportType.REPORT.value,
)


Branches = list[Select[Any]]


def _of_sqlite(found: Select[Any]) -> Branches:
    """The newest open ones, and those that were closed last: each in the order of the index."""
    return [
        found.where(_CASE.c.closed_at.is_(None)).order_by(_CASE.c.case_id.desc()),
        found.where(_CASE.c.closed_at.is_not(None)).order_by(_CASE.c.closed_at.desc()),
    ]


def _of_postgresql(found: Select[Any]) -> Branches:
    """The same in one: in any other order it may walk through all cases, looking for the few."""
    return [found.order_by(_CASE.c.closed_at.desc().nulls_first(), _CASE.c.case_id.desc())]


def _seen(ordered: Callable[[Select[Any]], Branches]) -> CompoundSelect[Any]:
    wanted: Sequence[tuple[str, tuple[ColumnElement[bool], ...]]] = (
        ("phone", (among(_CASE.c.phone_index, "phones"), _SHOWN_BY_PHONE)),
        ("employer", (_CASE.c.uscc == bindparam("of_uscc", type_=String),)),
        ("employer", (_CASE.c.employer_core == bindparam("of_employer", type_=String),)),
    )
    found = (select(literal(by).label("by"), *_LINE).where(_MINE, *conditions) for by, conditions in wanted)
    most = bindparam("most", type_=Integer)
    return union_all(*(select(one.limit(most).subquery()) for each in found for one in ordered(each)))


_SEEN: Final = Sql({"sqlite": _seen(_of_sqlite), "postgresql": _seen(_of_postgresql)})
_RECORDS: Final = Sql(select(*_LINE, _CASE.c.record).where(_MINE, among(_CASE.c.case_id, "cases")))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known so far. `phones`: the number's keyed hashes; `place`: the district of the employer."""

    phones: tuple[str, ...] = ()
    uscc: str | None = None
    employer: str | None = None
    place: str | None = None
    text: Grams = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """Earlier cases, open ones first. `similar`: with how much of the text is the same, 0 to 1."""

    phone: Sequence[CaseLine] = ()
    employer: Sequence[CaseLine] = ()
    similar: Sequence[tuple[CaseLine, float]] = ()


def look_up(look: Look, who: Principal, asked: Asked, texts: Texts, now: datetime) -> Seen:
    mine = {"everyone": who.may("case.read.all"), "me": who.by, "system": who.name}
    phone: dict[UUID, CaseLine] = {}
    employer: dict[UUID, CaseLine] = {}
    if asked.phones or asked.uscc or asked.employer:
        rows = look.all(
            _SEEN, phones=asked.phones, of_uscc=asked.uscc, of_employer=asked.employer, reveals=reveals(who),
            most=_FETCHED, **mine,
        )  # fmt: skip
        for row in rows:
            (phone if row.by == "phone" else employer).setdefault(row.case_id, line_of(row))
    return Seen(
        phone=sorted(phone.values(), key=_open_first)[:SHOWN],
        employer=sorted(employer.values(), key=lambda one: _nearest(one, asked))[:SHOWN],
        similar=_similar(look, asked.text, texts, now, mine),
    )


def _similar(
    look: Look, of: Grams, texts: Texts, now: datetime, mine: dict[str, Any]
) -> list[tuple[CaseLine, float]]:
    proposed = texts.proposed(look, of, now) if of else []
    if not proposed:
        return []
    rows = {row.case_id: row for row in look.all(_RECORDS, cases=proposed, **mine)}
    alike = texts.alike(of, ((case_id, row.record) for case_id, row in rows.items()))
    return [(line_of(rows[case_id]), share) for case_id, share in alike]


def line_of(row: Row) -> CaseLine:
    return CaseLine.model_construct(**{name: getattr(row, name) for name in CaseLine.model_fields})


def _open_first(one: CaseLine) -> tuple[bool, int]:
    return one.status == "closed", -one.case_id.int


def _nearest(one: CaseLine, asked: Asked) -> tuple[bool, bool, int]:
    """Open ones first; the same name in another district is perhaps another employer."""
    closed, newest = _open_first(one)
    elsewhere = None not in (asked.place, one.work_district) and one.work_district != asked.place
    return closed, elsewhere, newest
