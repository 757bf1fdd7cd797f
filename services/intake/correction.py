"""Putting a record right: what it says now is read back, changed, understood again and sealed again.

Everybody hears of it by CaseCorrected, which names what changed. A complaint stays a complaint: its identity
has left intake. A report becomes a complaint only if that is asked for in so many words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, update

from services.domain.events import CaseCorrected
from services.domain.kinds import Kind, ReportType
from services.domain.life import Action, Status
from services.domain.sealing import Keyring
from services.intake.actions import demand
from services.intake.author import Author
from services.intake.clusters import Joining, join, leave
from services.intake.codes import tracking_code
from services.intake.creation import problem
from services.intake.facts import Facts, understand
from services.intake.membership import Membership
from services.intake.models import CaseRow
from services.intake.record import columns, contact, record, told
from services.intake.schemas import CallerIn, CaseIn, CorrectionIn, In
from services.intake.scribe import Scribe
from services.intake.standing import Standing
from services.intake.traces import owe_again
from services.intake.views import StatusOut
from services.kernel.columns import table
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.kernel.sql import Sql
from services.kernel.store import Store
from services.kernel.tx import Tx

_CASES = table(CaseRow)
_RENEW = Sql(
    update(_CASES).where(_CASES.c.case_id == bindparam("case"), _CASES.c.record == bindparam("before"))
)  # sets the columns that are given
_PLACES = ("work", "employer_place", "residence")
_WAITING = (Status.RESOLVED, Status.ANSWERED)  # who tells is at it already, and goes on


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction leaves behind: columns of intake_case, and the fields of the event.

    `moved`: it counts otherwise in its clusters; `retold`: its text has changed.
    """

    columns: Mapping[str, object]
    fields: Mapping[str, object]
    told_by: str
    status: str
    membership: Membership | None
    moved: bool
    retold: bool


async def correct(
    store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: CorrectionIn
) -> StatusOut:
    """Raises Problem: 404, 409 (status, or changed meanwhile), 422; Refusal for what cannot be taken."""
    row = await store.read(lambda session: session.get(CaseRow, case_id))
    if row is None:
        raise Problem.of("not-found")
    corrected = _correct(row, given, scribe, who)

    def unit(tx: Tx) -> StatusOut:
        case: Standing = demand(tx, case_id, Action.CORRECT)
        moved = case.status != corrected.status and case.told_by != corrected.told_by
        if moved or tx.run(_RENEW, case=case_id, before=row.record, **corrected.columns) != 1:
            raise problem("changed-meanwhile")
        case.told_by, case.updated_at = corrected.told_by, tx.now
        event = {"case_id": case_id, "at": tx.now, "by": who.by} | dict(corrected.fields)
        said = CaseCorrected.model_validate(event)
        tx.put(said)
        _follow(tx, said, corrected, row.created_at, scribe)
        return StatusOut(case_id=case_id, status=case.status)

    return await store.run(unit)


def read_back(row: CaseRow, keyring: Keyring) -> CaseIn:
    """The case as it would have been sent, from its sealed parts. Raises Problem 409 after an erasure."""
    if row.record is None:
        raise problem("erased")
    said = json.loads(keyring.open(row.record, row.case_id, "record"))
    who = json.loads(keyring.open(row.identity, row.case_id, "identity")) if row.identity else {}
    caller = {name: who.get(name) for name in CallerIn.model_fields if who.get(name) is not None}
    return CaseIn.model_validate_json(
        json.dumps({
            "kind": row.kind, "report_type": row.report_type, "channel": row.channel, "urgent": row.urgent,
            "text": said["text"], "caller": caller, "employer": said["employer"],
            "amount_owed": said["amount_owed"], "workers_affected": said["workers_affected"],
            "recording_ref": said["recording_ref"], "callback_url": who.get("callback_url"),
        })
    )  # fmt: skip


def merged(before: CaseIn, given: CorrectionIn) -> CaseIn:
    """The record with the fields that were given; a new address without a district is looked up again."""
    changed: dict[str, object] = {
        name: getattr(given, name) for name in given.model_fields_set if name not in ("caller", "employer")
    }
    if given.caller is not None:
        changed["caller"] = _with(before.caller, given.caller, {"residence": "residence_district"})
    if given.employer is not None:
        changed["employer"] = _with(before.employer, given.employer, {"work_address": "work_district"})
    if changed.get("kind", before.kind) is not Kind.WAGE_ARREARS:
        changed.setdefault("report_type", None)
    return before.model_copy(update=changed)


def _with(before: In, given: In, follows: Mapping[str, str]) -> In:
    changed: dict[str, object] = {name: getattr(given, name) for name in given.model_fields_set}
    changed |= {to: None for of, to in follows.items() if of in changed and to not in changed}
    return before.model_copy(update=changed)


def _correct(row: CaseRow, given: CorrectionIn, scribe: Scribe, who: Principal) -> Corrected:
    before = read_back(row, scribe.keyring)
    after = merged(before, given)
    if after == before:
        raise problem("nothing-to-correct")
    author = Author("agent", who.by, client=row.client, language=row.language)
    was, now = understand(before, scribe.city, author), understand(after, scribe.city, author)
    if now.confidential and not was.confidential:
        raise problem("complaint-not-confidential")
    if was.confidential and not now.confidential and given.report_type is not ReportType.COMPLAINT:
        raise problem("report-stays-confidential")
    code = tracking_code(row.number, scribe.keyring)
    seals = scribe.seal(row.case_id, code, row.created_at, after, now, row.client)
    told_by = row.told_by if Status(row.status) in _WAITING else told(after, now)
    renewed = columns(after, now) | {
        "phone_index": scribe.phone_index(now), "identity": seals.identity, "record": seals.record,
    }  # fmt: skip
    counted, counts = (
        scribe.membership(one, facts, row.case_id) for one, facts in ((before, was), (after, now))
    )
    fields = _fields(was, now)
    if record(before, was, row.created_at) != record(after, now, row.created_at):
        fields["record"] = seals.record
    if _reach(before, was, row.told_by) != _reach(after, now, told_by):
        fields["contact"] = seals.contact if told_by == "notifier" else None
    return Corrected(
        renewed,
        fields | {"changed": tuple(fields)},
        told_by,
        row.status,
        counts,
        counted != counts,
        after.text != before.text,
    )


def _follow(tx: Tx, said: CaseCorrected, corrected: Corrected, at: datetime, scribe: Scribe) -> None:
    """What finds the case again, and what it counts for, follow what the record says now."""
    if corrected.retold:
        owe_again(tx, said.case_id)
    if corrected.moved:
        leave(tx, said)
        if corrected.membership is not None:
            join(tx, Joining(said, corrected.membership, at), scribe.city.clusters)


def _fields(was: Facts, now: Facts) -> dict[str, object]:
    names = ("kind", "report_type", "urgent", *_PLACES)
    return {name: getattr(now, name) for name in names if getattr(now, name) != getattr(was, name)}


def _reach(given: CaseIn, facts: Facts, told_by: str) -> object:
    """What the notifier knows of the caller, code aside."""
    return contact(given, facts, "", None) if told_by == "notifier" else None
