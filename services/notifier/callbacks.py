"""Calls that a person has to make: opened, told, or given up after the attempts that the city lays down."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from services.domain.events import CallerInformed, CallerUnreachable
from services.kernel.columns import table
from services.kernel.kept import Kept
from services.kernel.messages import Message
from services.kernel.problem import Problem, read_kinds
from services.kernel.sql import Sql
from services.kernel.tx import Tx
from services.notifier.cases import Case, known_case
from services.notifier.models import NEEDLESS, OPEN, TOLD, UNREACHABLE, CallBack, Result
from services.notifier.rules import may_disturb, next_attempt
from services.notifier.translate import Telling


@dataclass(slots=True)
class Call:
    """The columns of a call-back that people's attempts change, as `models.CallBack` explains them."""

    id: UUID
    case_id: UUID
    about: str
    urgent: bool
    state: str
    attempts: int
    tries: str
    next_at: datetime
    closed_at: datetime | None


CALLS: Final = Kept(CallBack, Call, key="id")
_ROWS: Final = table(CallBack)
_OPEN: Final = Sql(select(_ROWS.c.id).where(_ROWS.c.case_id == bindparam("case"), _ROWS.c.state == OPEN))
_KINDS: Final = read_kinds(Path(__file__).parent)
NUMBER: Final = "number"


def open_callback(case: Case, result: Result, why: str, telling: Telling, tx: Tx) -> None:
    """A person is to phone the caller. `why`: NUMBER, or the reason why a text message was given up."""
    due = may_disturb(tx.now, case.urgent, telling.city.hours)
    case.calling = True
    tx.insert(
        CallBack, id=tx.new_id(), case_id=case.case_id, why=why, urgent=case.urgent, state=OPEN,
        attempts=0, tries="[]", created_at=tx.now, next_at=due, **result.model_dump(),
    )  # fmt: skip


def drop(case: Case, tx: Tx) -> None:
    """Nobody has to phone any more."""
    if case.calling:
        case.calling = False
        for waiting in tx.all(_OPEN, case=case.case_id):
            if row := CALLS.get(tx, waiting.id):
                row.state, row.closed_at = NEEDLESS, tx.now


def told(tx: Tx, callback_id: UUID, by: str) -> None:
    """The caller has heard it on the telephone; twice is once. Problem: not-found, callback-closed."""
    row = _row(tx, callback_id)
    if row.state == TOLD:
        return
    case = _close(tx, row, TOLD, by)
    said = {"case_id": case.case_id, "at": tx.now, "by": by, "about": row.about, "attempts": row.attempts}
    tx.put(CallerInformed.model_validate({**said, "channel": "call"}))


def not_reached(tx: Tx, callback_id: UUID, attempt: int, by: str, telling: Telling) -> None:
    """Nobody answered. `attempt`: the number of this attempt as the page showed it, from 1.

    Problem: not-found, callback-closed, callback-changed, callback-too-early.
    """
    row, hours = _row(tx, callback_id), telling.city.hours
    if row.state != OPEN:
        raise problem("callback-closed")
    if attempt != row.attempts + 1:
        raise problem("callback-changed")
    if tx.now < row.next_at:
        raise problem("callback-too-early")
    if attempt >= hours.callback.attempts:
        case = _close(tx, row, UNREACHABLE, by)
        tx.put(*_unreachable(case, row.attempts, by, telling, tx))
    else:
        _note(tx, row, by)
        row.next_at = next_attempt(tx.now, row.urgent, hours)


def problem(slug: str) -> Problem:
    kind = _KINDS[slug]
    return Problem(slug, kind.status, kind.zh, kind.en, kind.retryable)


def tries_of(row: Call | CallBack) -> list[tuple[datetime, str]]:
    """When and by whom the caller was phoned."""
    return [(datetime.fromisoformat(one["at"]), one["by"]) for one in json.loads(row.tries)]


def _unreachable(case: Case, attempts: int, by: str, telling: Telling, tx: Tx) -> list[Message]:
    """Say so; where a text message may still get through, the caller finds one."""
    said: list[Message] = [
        CallerUnreachable(case_id=case.case_id, at=tx.now, by=by, channel="call", attempts=attempts)
    ]
    if case.reach == "sms" and case.contact:
        said.append(telling.unreachable(case, telling.contact(case.case_id, case.contact), tx))
    return said


def _row(tx: Tx, callback_id: UUID) -> Call:
    row = CALLS.get(tx, callback_id)
    if row is None:
        raise Problem.of("not-found")
    return row


def _note(tx: Tx, row: Call, by: str) -> None:
    row.attempts += 1
    row.tries = json.dumps([*json.loads(row.tries), {"at": tx.now.isoformat(), "by": by}])


def _close(tx: Tx, row: Call, state: str, by: str) -> Case:
    if row.state != OPEN:
        raise problem("callback-closed")
    _note(tx, row, by)
    row.state, row.closed_at = state, tx.now
    case = known_case(tx, row.case_id)
    case.calling = False
    return case
