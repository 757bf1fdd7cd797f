"""Telling the caller where the notifier cannot: reporters whom only intake may call back (待回访), and those
of whom no address is known, who look on the web.

Three timed attempts, two hours apart; then the caller counts as unreachable.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from services.domain.events import CallerInformed, CallerUnreachable, Event
from services.intake.models import CallbackRow, CaseRow
from services.intake.standing import Standing
from services.kernel.columns import table
from services.kernel.messages import Message
from services.kernel.store import Tx

ATTEMPTS: Final = 3
PAUSE: Final = timedelta(hours=2)
About = Literal["outcome", "answer"]
_ROWS: Final = table(CallbackRow)


def owe(case: Standing, about: About, event: Event, tx: Tx) -> Sequence[Message]:
    """The caller must hear of `event`. The notifier sees to its own; a call-back waits for an agent."""
    if case.told_by == "nobody":
        return (CallerInformed(case_id=event.case_id, at=event.at, channel="web", about=about),)
    if case.told_by == "intake":
        _queue(event.case_id, about, tx)
    return ()


def drop(case_id: UUID, tx: Tx) -> None:
    """The case is closed: nobody need call any more."""
    due = _ROWS.c.case_id == case_id, _ROWS.c.state == "due"
    tx.connection().execute(update(_ROWS).where(*due).values(state="dropped"))


def settle(case_id: UUID, reached: bool, by: str, tx: Tx) -> Literal["done", "early", "gone"]:
    """An agent has called: told, or not reached. "early": not before next_at; "gone": nothing is due."""
    row = tx.get(CallbackRow, case_id)
    if row is None or row.state != "due":
        return "gone"
    if not reached and tx.now < row.next_at:
        return "early"
    row.attempts, row.last_at, row.last_by = row.attempts + 1, tx.now, by
    row.next_at = tx.now + PAUSE
    if reached or row.attempts >= ATTEMPTS:
        row.state = "told" if reached else "unreachable"
        tx.add(row)
        tx.flush()  # before the case closes, which drops what is still due
        tx.put(_said(row, by, tx.now))
    return "done"


def due(session: Session, now: datetime, limit: int = 200) -> list[tuple[CallbackRow, CaseRow]]:
    """Who waits for a call, the longest waiting first; those whose pause is not over come last."""
    wanted = (
        select_rows(CallbackRow, CaseRow)
        .where(CallbackRow.case_id == CaseRow.case_id, CallbackRow.state == "due")
        .order_by(col(CallbackRow.next_at) > now, col(CallbackRow.created_at))
        .limit(limit)
    )
    return list(session.exec(wanted))


def count_due(session: Session, now: datetime) -> int:
    counted = select(func.count()).where(_ROWS.c.state == "due", _ROWS.c.next_at <= now)
    return int(session.execute(counted).scalar_one())


def _queue(case_id: UUID, about: About, tx: Tx) -> None:
    row = tx.get(CallbackRow, case_id) or CallbackRow(
        case_id=case_id, state="due", about=about, created_at=tx.now, next_at=tx.now
    )
    row.state, row.about, row.attempts = "due", about, 0
    row.created_at = row.next_at = tx.now
    tx.add(row)


def _said(row: CallbackRow, by: str, at: datetime) -> Event:
    if row.state == "unreachable":
        return CallerUnreachable(case_id=row.case_id, at=at, by=by, channel="callback", attempts=row.attempts)
    about: About = "answer" if row.about == "answer" else "outcome"
    return CallerInformed(
        case_id=row.case_id, at=at, by=by, channel="callback", about=about, attempts=row.attempts
    )
