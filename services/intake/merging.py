"""The same matter of the same caller, written down twice (并案): one goes on, the other is closed as merged.

What was said in the one that closes goes to the one that goes on, and to its unit. Somebody else's case is
never merged: every caller is told of the result.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from services.domain.events import CallAttached, CaseClosed, CaseMerged
from services.domain.identifiers import parse_number
from services.domain.kinds import Channel, ReportType
from services.domain.life import Action
from services.domain.refusals import Refusal
from services.intake.actions import demand
from services.intake.correction import read_back
from services.intake.creation import problem
from services.intake.models import CaseRow
from services.intake.schemas import In, MergeIn, Number
from services.intake.scribe import Scribe
from services.intake.sight import reveals
from services.intake.standing import CASES
from services.intake.views import StatusOut
from services.kernel.columns import table
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.kernel.sql import Sql
from services.kernel.store import Looking, Store
from services.kernel.tx import Tx

_CASE: Final = table(CaseRow)
_NUMBERED: Final = Sql(select(_CASE.c.case_id).where(_CASE.c.number == bindparam("of_number")))


class MergeByNumberIn(In):
    """`into`: the number of the case that goes on, as people know it."""

    into: Number


async def merge(store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: MergeIn) -> StatusOut:
    """Close `case_id` as merged into `given.into`. Raises Problem: 404, 409, 422."""
    if case_id == given.into:
        raise problem("merge-with-itself")
    one, other = await store.read(lambda session: _both(session, case_id, given.into))
    _check_caller(one, other, who)
    said = read_back(one, scribe.keyring)
    note = scribe.close("task", other.case_id, "note", said.text)
    ref = said.recording_ref
    heard = scribe.close("task", other.case_id, "recording", ref) if ref else None
    channel = Channel(one.channel)

    def unit(tx: Tx) -> StatusOut:
        CASES.load(tx, (case_id, given.into))
        case, goes_on = demand(tx, case_id, Action.MERGE), demand(tx, given.into, Action.ATTACH)
        if case.open_parts:
            raise problem("parts-open")
        case.merged_into = goes_on.case_id
        tx.put(
            CallAttached(
                case_id=other.case_id, at=tx.now, by=who.by, channel=channel, note=note, recording=heard
            ),
            CaseMerged(case_id=case_id, at=tx.now, by=who.by, into=other.case_id, number=other.number),
            CaseClosed(case_id=case_id, at=tx.now, by=who.by, reason="merged"),
        )
        return StatusOut(case_id=case_id, status=case.status)

    return await store.run(unit)


async def merge_by_number(
    store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: MergeByNumberIn
) -> StatusOut:
    """Raises Refusal for a number that cannot be one, and as `merge`."""
    try:
        number = parse_number(given.into)
    except Refusal as refusal:
        raise refusal.at("into") from None
    into = await store.read(lambda look: look.one(_NUMBERED, of_number=number))
    if into is None:
        raise problem("merge-unknown")
    return await merge(store, scribe, who, case_id, MergeIn(into=into.case_id))


def _both(session: Looking, case_id: UUID, into: UUID) -> tuple[CaseRow, CaseRow]:
    rows = session.get(CaseRow, case_id), session.get(CaseRow, into)
    if rows[0] is None or rows[1] is None:
        raise Problem.of("not-found")
    return rows[0], rows[1]


def _check_caller(one: CaseRow, other: CaseRow, who: Principal) -> None:
    """Whose report (举报) it is, nobody finds out by trying to merge."""
    if None in (one.record, other.record):
        raise problem("erased")
    reports = ReportType.REPORT in (one.report_type, other.report_type)
    same = one.phone_index is not None and one.phone_index == other.phone_index
    if not same or (reports and not reveals(who)):
        raise problem("merge-other-caller")
