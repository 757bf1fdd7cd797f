"""Several destinations for one case (分办): what another unit must do becomes a case of its own.

The part has caller and employer of the case, its own number and its own course; the caller is told of each.
"""

import json
from functools import partial
from uuid import UUID

from services.domain.kinds import ReportType
from services.domain.life import Action
from services.intake import idempotency
from services.intake.actions import demand
from services.intake.author import Author
from services.intake.codes import tracking_code
from services.intake.correction import read_back
from services.intake.creation import Created, problem, response_of
from services.intake.idempotency import Claim
from services.intake.models import CaseRow
from services.intake.parts import open_part
from services.intake.schemas import CaseIn, SplitIn
from services.intake.scribe import Scribe, Written
from services.kernel.database.errors import Collision
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.kernel.store import Store
from services.kernel.tx import Tx


async def split(
    store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: SplitIn, claim: Claim | None
) -> Created:
    """The part, once for each key. Raises Refusal, Refusals; Problem: 404, 409 (not open), 422."""
    row = await store.read(lambda session: session.get(CaseRow, case_id))
    if row is None:
        raise Problem.of("not-found")
    part = _part(read_back(row, scribe.keyring), given)
    written = scribe.write(part, Author.of(who), parent=case_id)
    shown = row.report_type == ReportType.REPORT and written.event.report_type is not ReportType.REPORT
    if shown and not given.named:
        raise problem("split-names-caller")
    work = partial(_enter, written=written, parent=case_id, who=who, scribe=scribe, claim=claim)
    try:
        if await store.run(work):
            return _created(response_of(written), scribe)
    except Collision:  # the key was used, or the number drawn is taken
        if claim is None:
            raise
    before = await store.read(partial(idempotency.find, claim=claim)) if claim else None
    if before is None or not before.same:
        raise problem("idempotency-key-reused")
    return _created(before.response, scribe)


def _part(case: CaseIn, given: SplitIn) -> CaseIn:
    """What the part says: its own text and kind, caller and employer of the case."""
    own = {"kind": given.kind, "report_type": given.report_type, "text": given.text, "urgent": given.urgent}
    return case.model_copy(update=own | {"amount_owed": None, "workers_affected": None, "callback_url": None})


def _enter(
    tx: Tx, written: Written, parent: UUID, who: Principal, scribe: Scribe, claim: Claim | None
) -> bool:
    """False: this key was used in this very transaction."""
    case = demand(tx, parent, Action.SPLIT)
    event = written.event
    if claim is not None and idempotency.keep(tx, claim, response_of(written), event.case_id) is not None:
        return False
    tx.put(open_part(tx, case, written, who.by, scribe.city.clusters))
    return True


def _created(response: str, scribe: Scribe) -> Created:
    said = json.loads(response)
    code = tracking_code(said["number"], scribe.keyring)
    return Created(said["case_id"], said["number"], code, response)
