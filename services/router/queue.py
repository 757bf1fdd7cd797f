"""What waits for a supervisor, urgent and oldest first, page by page; and what was decided by hand."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import Session, col, func, select

from services.router.models import RouterCase, RouterDecision, State, refusal


class After(NamedTuple):
    """The last row of a page: the next one begins after it."""

    urgent: bool
    held_at: datetime
    case_id: UUID

    @classmethod
    def of(cls, row: RouterCase) -> "After":
        return cls(row.urgent, row.held_at or row.updated_at, row.case_id)

    def cursor(self) -> str:
        text = f"{int(self.urgent)} {self.held_at.isoformat()} {self.case_id}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, cursor: str) -> "After":
        """Raises Refusal for what is no cursor of ours."""
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            urgent, held_at, case_id = text.split(" ")
            after = cls(urgent == "1", datetime.fromisoformat(held_at), UUID(case_id))
            if after.held_at.tzinfo is None:
                raise ValueError
        except (ValueError, OverflowError):
            raise refusal("bad-cursor", "cursor") from None
        return after


class Page(NamedTuple):
    """Some rows, and the cursor of the next page if there is one."""

    rows: Sequence[RouterCase]
    next: str | None


def held(session: Session, limit: int, cursor: str | None = None) -> Page:
    """Cases that a person must decide: urgent ones first, in each part those that wait longest."""
    wanted = (
        select(RouterCase)
        .where(RouterCase.state == State.HELD.value)
        .order_by(col(RouterCase.urgent).desc(), col(RouterCase.held_at), col(RouterCase.case_id))
        .limit(limit + 1)
    )
    if cursor:
        after = After.read(cursor)
        later = tuple_(col(RouterCase.held_at), col(RouterCase.case_id)) > (after.held_at, after.case_id)
        same_part = (col(RouterCase.urgent) == after.urgent) & later
        below = ~col(RouterCase.urgent) if after.urgent else None
        wanted = wanted.where(same_part if below is None else same_part | below)
    rows = session.exec(wanted).all()
    return Page(rows[:limit], After.of(rows[limit - 1]).cursor() if len(rows) > limit else None)


def count_held(session: Session) -> int:
    wanted = select(func.count()).select_from(RouterCase).where(RouterCase.state == State.HELD.value)
    return session.exec(wanted).one()


def decided_by_hand(
    session: Session, since: datetime, limit: int = 100
) -> Sequence[tuple[RouterDecision, RouterCase]]:
    """Supervisors' decisions since then, newest first, each with its case."""
    wanted = (
        select(RouterDecision, RouterCase)
        .join(RouterCase, col(RouterCase.case_id) == col(RouterDecision.case_id))
        .where(col(RouterDecision.by).is_not(None), col(RouterDecision.at) >= since)
        .order_by(col(RouterDecision.at).desc(), col(RouterDecision.id).desc())
        .limit(limit)
    )
    return session.exec(wanted).all()


def decisions_of(session: Session, case_id: UUID) -> Sequence[RouterDecision]:
    """All decisions on a case, oldest first."""
    wanted = select(RouterDecision).where(RouterDecision.case_id == case_id)
    return session.exec(wanted.order_by(col(RouterDecision.id))).all()
