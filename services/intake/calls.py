"""The caller rings again about a case that is open (补充来电): the call is attached to it.

Only the caller's own calls: somebody else's matter is a case of its own, so that each is told of the result.
"""

import json
from functools import partial
from uuid import UUID

from pydantic_core import to_json

from services.domain import identifiers
from services.domain.events import CallAttached
from services.domain.kinds import Channel, ReportType
from services.domain.life import Action
from services.intake import idempotency
from services.intake.actions import demand
from services.intake.codes import tracking_code
from services.intake.creation import problem
from services.intake.idempotency import Claim
from services.intake.models import CaseRow
from services.intake.schemas import CallIn
from services.intake.scribe import Scribe
from services.intake.sight import reveals
from services.intake.views import AttachedOut
from services.kernel.database.errors import Collision
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.kernel.store import Store
from services.kernel.tx import Tx


async def attach(
    store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: CallIn, claim: Claim | None
) -> AttachedOut:
    """Once for each key. Raises Refusal; Problem: 404, 409 (not open, another caller), 422 (key reused)."""
    row = await store.read(lambda session: session.get(CaseRow, case_id))
    if row is None:
        raise Problem.of("not-found")
    if row.record is None:
        raise problem("erased")
    if given.phone:
        _check_caller(row, given.phone, who, scribe)
    note = scribe.close("task", case_id, "note", given.text)
    heard = scribe.close("task", case_id, "recording", given.recording_ref) if given.recording_ref else None
    enter = partial(_enter, who=who, case_id=case_id, given=given, sealed=(note, heard), claim=claim)
    try:
        status = await store.run(enter)
    except Collision:
        status = None
    if status is None:
        before = await store.read(partial(idempotency.find, claim=claim)) if claim else None
        if before is None or not before.same:
            raise problem("idempotency-key-reused")
        status = str(json.loads(before.response)["status"])
    code = tracking_code(row.number, scribe.keyring)
    return AttachedOut(
        case_id=case_id,
        number=row.number,
        status=status,
        tracking_code=code,
    )


def _enter(
    tx: Tx, who: Principal, case_id: UUID, given: CallIn, sealed: tuple[str, str | None], claim: Claim | None
) -> str | None:
    """Where the case stands; None: this key was used in this very transaction."""
    case = demand(tx, case_id, Action.ATTACH)
    if claim is not None:
        response = to_json({"status": case.status}).decode()
        if idempotency.keep(tx, claim, response, case_id) is not None:
            return None
    note, recording = sealed
    channel = given.channel or Channel.PHONE
    tx.put(
        CallAttached(case_id=case_id, at=tx.now, by=who.by, channel=channel, note=note, recording=recording)
    )
    return case.status


def _check_caller(row: CaseRow, phone: str, who: Principal, scribe: Scribe) -> None:
    """Whose report (举报) it is, nobody finds out by trying numbers."""
    indexes = scribe.keyring.blind_indexes(identifiers.phone(phone, scribe.city.area_code).e164)
    hidden = row.report_type == ReportType.REPORT and not reveals(who)
    if row.phone_index is not None and row.phone_index not in indexes and not hidden:
        raise problem("other-caller")
