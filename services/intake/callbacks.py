"""Telling the caller where the notifier cannot: reporters whom only intake may call back (待回访), and those
of whom no address is known, who look on the web.

Three timed attempts, two hours apart; then the caller counts as unreachable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from services.domain.events import CallerInformed, CallerUnreachable, Event
from services.intake.models import CallbackRow, CaseRow
from services.intake.standing import Standing
from services.kernel.columns import table
from services.kernel.kept import Kept
from services.kernel.messages import Message
from services.kernel.tx import Tx

ATTEMPTS: Final = 3
PAUSE: Final = timedelta(hours=2)
About = Literal["outcome", "answer"]
_ROWS: Final = table(CallbackRow)


@dataclass(slots=True)
class Callback:
    """A call-back as `models.CallbackRow` explains it."""

    case_id: UUID
    state: str
    about: str
    attempts: int
    created_at: datetime
    next_at: datetime
    last_at: datetime | None = None
    last_by: str | None = None


CALLBACKS: Final = Kept(CallbackRow, Callback, key="case_id")


def owe(case: Standing, about: About, event: Event, tx: Tx) -> Sequence[Message]:
    """The caller must hear of `event`. The notifier sees to its own; a call-back waits for an agent."""
    if case.told_by == "nobody":
        return (CallerInformed(case_id=event.case_id, at=event.at, channel="web", about=about),)
    if case.told_by == "intake":
        _queue(event.case_id, about, tx)
    return ()


def drop(case_id: UUID, tx: Tx) -> None:
    """The case is closed: nobody need call any more."""
    row = CALLBACKS.get(tx, case_id)
    if row is not None and row.state == "due":
        row.state = "dropped"


def settle(case_id: UUID, reached: bool, by: str, tx: Tx) -> Literal["done", "early", "gone"]:
    """An agent has called: told, or not reached. "early": not before next_at; "gone": nothing is due."""
    row = CALLBACKS.get(tx, case_id)
    if row is None or row.state != "due":
        return "gone"
    if not reached and tx.now < row.next_at:
        return "early"
    row.attempts, row.last_at, row.last_by = row.attempts + 1, tx.now, by
    row.next_at = tx.now + PAUSE
    if reached or row.attempts >= ATTEMPTS:
        row.state = "told" if reached else "unreachable"
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
    row = CALLBACKS.get(tx, case_id)
    if row is None:
        CALLBACKS.add(tx, Callback(case_id, "due", about, 0, tx.now, tx.now))
        return
    row.state, row.about, row.attempts = "due", about, 0
    row.created_at = row.next_at = tx.now


def _said(row: Callback, by: str, at: datetime) -> Event:
    if row.state == "unreachable":
        return CallerUnreachable(case_id=row.case_id, at=at, by=by, channel="callback", attempts=row.attempts)
    about: About = "answer" if row.about == "answer" else "outcome"
    return CallerInformed(
        case_id=row.case_id, at=at, by=by, channel="callback", about=about, attempts=row.attempts
    )
