"""Who at the hotline sees to a case (接办): a voice mail is answered by somebody with a name."""

from uuid import UUID

from services.domain.events import CaseTaken
from services.domain.life import Action
from services.intake.actions import demand
from services.intake.creation import problem
from services.intake.schemas import TakeIn
from services.intake.scribe import Scribe
from services.intake.views import StatusOut
from services.kernel.roles import Principal
from services.kernel.store import Store
from services.kernel.tx import Tx


async def take(store: Store, _scribe: Scribe, who: Principal, case_id: UUID, given: TakeIn) -> StatusOut:
    """Once is enough. Raises Problem: 404, 409 (closed; a colleague's, unless `instead`)."""

    def unit(tx: Tx) -> StatusOut:
        case = demand(tx, case_id, Action.TAKE)
        if case.owner != who.by:
            if case.owner is not None and not given.instead:
                raise problem("taken-already")
            case.owner, case.updated_at = who.by, tx.now
            tx.put(CaseTaken(case_id=case_id, at=tx.now, by=who.by, owner=who.by))
        return StatusOut(case_id=case_id, status=case.status)

    return await store.run(unit)
