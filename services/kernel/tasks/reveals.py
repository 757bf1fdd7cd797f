"""Who looked at whose identity, and why: a complainant's name is opened for a purpose, and written down.

个人信息保护法 arts 28, 51, 55. A report (举报) has no identity here that could be opened: it never leaves
intake.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from services.domain.names import Name
from services.kernel.columns import UtcDateTime
from services.kernel.tasks.desk import Record, part, said
from services.kernel.tx import Tx

OPEN_FOR: Final = timedelta(hours=12)  # a shift; afterwards the purpose is to be stated again
PURPOSES: Final[Mapping[str, Name]] = {
    "contact_caller": Name("联系来电人", "To contact the caller"),
    "home_visit": Name("上门走访", "For a home visit"),
    "take_evidence": Name("调查取证", "To take evidence"),
    "pay_out": Name("核对支付", "To check a payment"),
}


class TaskReveal(SQLModel, table=True):
    """An identity was opened. `by`: staff number; `purpose`: PURPOSES. Kept as long as the task."""

    __tablename__ = "task_reveal"
    __table_args__ = (Index("task_reveal_of_task", "task", "by", "at"),)
    id: UUID = Field(primary_key=True)
    task: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    purpose: str


def reveal(tx: Tx, task: str, by: str, purpose: str) -> None:
    """Write down that `by` opens the identity now."""
    tx.insert(TaskReveal, id=tx.new_id(), task=task, by=by, at=tx.now, purpose=purpose)


def may_see(session: Session, task: str, by: str, now: datetime) -> bool:
    """Whether this person has stated a purpose for this task within OPEN_FOR."""
    found = select(TaskReveal.id).where(
        TaskReveal.task == task, TaskReveal.by == by, col(TaskReveal.at) > now - OPEN_FOR
    )
    return session.scalars(found.limit(1)).first() is not None


def audit(session: Session, task: str) -> list[TaskReveal]:
    """Every look at this task's identity, newest first, at most 100."""
    found = select(TaskReveal).where(TaskReveal.task == task).order_by(col(TaskReveal.at).desc())
    return list(session.scalars(found.limit(100)))


def masked(record: Record) -> Record:
    """The record as it is read without a purpose: whose it is cannot be seen, what happened can."""
    caller = record.get("caller")
    if not isinstance(caller, Mapping):
        return record
    name, phone = said(caller, "name"), said(caller, "phone")
    hidden = {
        "name": f"{name[0]}**" if name else None,
        "phone": f"{phone[:-8]}****{phone[-4:]}" if len(phone) > 8 else None,
        "residence": None,
    }
    return {**record, "caller": hidden}


def has_identity(record: Record | None) -> bool:
    """Whether there is anybody to be seen."""
    return any(said(part(record or {}, "caller"), name) for name in ("name", "phone", "residence"))
