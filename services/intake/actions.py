"""What an agent does with a case: note, answer, close, reopen. Each is a unit of work that decides by the
status it finds in its own transaction; texts arrive sealed.
"""

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

from services.domain.events import AnswerGiven, CallerInformed, CaseClosed, CaseReopened, NoteAdded
from services.domain.life import WITH_UNIT, Action, Status, require
from services.domain.refusals import Refusal
from services.intake import callbacks
from services.intake.creation import problem
from services.intake.schemas import AnswerIn, CloseIn, NoteIn, ReopenIn
from services.intake.scribe import Scribe
from services.intake.standing import Standing, standing
from services.intake.views import StatusOut
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.kernel.store import Store
from services.kernel.tx import Tx

_ABOUT: Final = {Status.RESOLVED: "outcome", Status.ANSWERED: "answer"}


def demand(tx: Tx, case_id: UUID, action: Action) -> Standing:
    """The case, if people may take `action` now. Raises Problem: 404, 409."""
    case = standing(tx, case_id)
    if case is None:
        raise Problem.of("not-found")
    try:
        require(case.stands, action)
    except Refusal as refusal:
        raise Problem(refusal.code, 409, refusal.zh, refusal.en) from None
    return case


async def note(store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: NoteIn) -> StatusOut:
    closed = scribe.close("task", case_id, "note", given.text)

    def unit(tx: Tx) -> Standing:
        case = demand(tx, case_id, Action.NOTE)
        tx.put(NoteAdded(case_id=case_id, at=tx.now, by=who.by, note=closed))
        return case

    return await _stands(store, unit)


async def answer(store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: AnswerIn) -> StatusOut:
    """Answer from what is known. Told already: the case is done; else the caller is to be told."""
    text = scribe.close("contact", case_id, "text", given.text)

    def unit(tx: Tx) -> Standing:
        case = demand(tx, case_id, Action.ANSWER)
        said = AnswerGiven(case_id=case_id, at=tx.now, by=who.by, text=text, articles=given.articles)
        tx.put(said)
        if given.told:
            tx.put(CallerInformed(case_id=case_id, at=tx.now, by=who.by, channel="call", about="answer"))
        else:
            tx.put(*callbacks.owe(case, "answer", said, tx))
        return case

    return await _stands(store, unit)


async def close(store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: CloseIn) -> StatusOut:
    """Close a case that no unit is working on. Raises Problem 409 while a task is open."""
    closed = scribe.close("task", case_id, "note", given.note) if given.note else None

    def unit(tx: Tx) -> Standing:
        case = demand(tx, case_id, Action.CLOSE)
        if case.stands in WITH_UNIT:
            raise problem("task-open")
        if case.open_parts:
            raise problem("parts-open")
        if closed is not None:
            tx.put(NoteAdded(case_id=case_id, at=tx.now, by=who.by, note=closed))
        about = _ABOUT.get(case.stands) if given.reason in ("told", "answered") else None
        if about is None:
            tx.put(CaseClosed(case_id=case_id, at=tx.now, by=who.by, reason=given.reason))
        else:
            tx.put(CallerInformed(case_id=case_id, at=tx.now, by=who.by, channel="call", about=about))
        return case

    return await _stands(store, unit)


async def reopen(store: Store, scribe: Scribe, who: Principal, case_id: UUID, given: ReopenIn) -> StatusOut:
    """Start the case again, usually because the caller does not agree with what was claimed."""
    reason = scribe.close("task", case_id, "reason", given.reason)

    def unit(tx: Tx) -> Standing:
        case = demand(tx, case_id, Action.REOPEN)
        tx.put(CaseReopened(case_id=case_id, at=tx.now, by=who.by, reason=reason))
        return case

    return await _stands(store, unit)


async def call_back(store: Store, who: Principal, case_id: UUID, reached: bool) -> StatusOut:
    """An agent has rung the reporter. Raises Problem 409: no call-back is due, or it is too early to ring
    again.
    """

    def unit(tx: Tx) -> Standing:
        case = standing(tx, case_id)
        if case is None:
            raise Problem.of("not-found")
        settled = callbacks.settle(case_id, reached, who.by, tx)
        if settled != "done":
            raise problem("not-due" if settled == "early" else "no-callback")
        return case

    return await _stands(store, unit)


async def _stands(store: Store, unit: Callable[[Tx], Standing]) -> StatusOut:
    return await store.run(partial(_status, unit=unit))


def _status(tx: Tx, unit: Callable[[Tx], Standing]) -> StatusOut:
    case = unit(tx)
    return StatusOut(case_id=case.case_id, status=case.status)
