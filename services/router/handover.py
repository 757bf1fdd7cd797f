"""What a closed unit had is taken from it: to its successor, or to a person (不得无人承办)."""

from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, or_, select

from services.kernel.columns import table
from services.kernel.logs import logger
from services.kernel.sql import Look, Sql
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.router import closures, rules
from services.router.cases import CASES, FILES
from services.router.clocks import look_up
from services.router.closures import CLOSURES
from services.router.decisions import apply
from services.router.models import RouterCase, State
from services.router.rules import Desk

SLICE: Final = 100
AT_UNIT: Final = (State.ROUTED, State.ACCEPTED)
log = logger("router.handover")
_CASES: Final = table(RouterCase)
_AT_UNIT: Final = Sql(
    select(_CASES.c.case_id)
    .where(or_(*(_CASES.c.state == state.value for state in AT_UNIT)), _CASES.c.unit == bindparam("of"))
    .limit(bindparam("most", type_=Integer))
)


async def hand_over(store: Store, desk: Desk) -> None:
    """Go through all closed units until none has an open case; nothing to do costs a look for each."""
    for unit, closure in (await store.read(closures.open_ones)).items():
        moved = 0
        while cases := await store.read(partial(at_unit, unit=unit)):
            done = await store.run(partial(take, desk=desk, unit=unit, closure=closure, cases=cases))
            moved += done
            if not done:  # another process was faster, or the unit is open again
                break
        if moved:
            log.info("routing.handed_over", unit=unit, rows=moved)


def at_unit(look: Look, unit: str) -> list[UUID]:
    """Some open cases of this unit."""
    return [one.case_id for one in look.all(_AT_UNIT, of=unit, most=SLICE)]


def take(tx: Tx, desk: Desk, unit: str, closure: int, cases: list[UUID]) -> int:
    """Take these cases from the unit, as far as they still are there; how many that were."""
    row = CLOSURES.get(tx, closure)
    if row is None or row.ended_at is not None:
        return 0
    CASES.load(tx, cases)
    FILES.load(tx, cases)
    look_up(tx, cases)
    taken = 0
    for case_id in cases:
        case, file = CASES.get(tx, case_id), FILES.get(tx, case_id)
        if case is None or file is None or case.unit != unit or case.state not in AT_UNIT:
            continue
        held, routed = rules.after_closing(desk, unit, case.urgent)
        tx.put(apply(desk, case, file, held, tx))
        if routed is not None:
            tx.put(apply(desk, case, file, routed, tx))
        row.moved, row.held = row.moved + (routed is not None), row.held + (routed is None)
        taken += 1
    return taken
