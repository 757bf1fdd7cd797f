"""What each worker of a matter is owed and got back, and the payments one by one: amounts in fen (分).

保障农民工工资支付条例: each worker is paid in full and by name, so each has a row, and part of the money
is not the end of the matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Index, bindparam, func, update
from sqlmodel import Field, Session, SQLModel, col, select

from services.domain.events import TaskProgressed
from services.domain.sealing import Keyring, Sealed
from services.kernel.columns import Big, UtcDateTime, table
from services.kernel.problem import Problem
from services.kernel.sql import Sql
from services.kernel.tasks.life import State, Step, after
from services.kernel.tasks.refused import refused
from services.kernel.tasks.standing import TASKS
from services.kernel.tasks.worklist import Scope
from services.kernel.tx import Tx

MOST: Final = 500  # workers of one task
STEP: Final = "part_payment"


class TaskWorker(SQLModel, table=True):
    """A worker (劳动者) whose wages are owed. `name` is sealed[task]."""

    __tablename__ = "task_worker"
    __table_args__ = (Index("task_worker_of_task", "task"),)
    id: UUID = Field(primary_key=True)
    task: str
    name: str = Field(repr=False)
    owed_fen: int = Field(sa_type=Big)
    recovered_fen: int = Field(default=0, sa_type=Big)


class TaskPayment(SQLModel, table=True):
    """Money that a worker got. `token`: of the form or request, so that it counts once."""

    __tablename__ = "task_payment"
    __table_args__ = (Index("task_payment_of_worker", "worker"),)
    id: str = Field(primary_key=True)
    worker: UUID
    amount_fen: int = Field(sa_type=Big)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str


class Worker(NamedTuple):
    """A row as it is shown; `name` None: erased, or its key is not here."""

    id: UUID
    name: str | None
    owed_fen: int
    recovered_fen: int


class Payment(NamedTuple):
    """Money for a worker. `token`: names it, so that it counts once."""

    token: str
    worker: UUID
    amount_fen: int
    by: str


@dataclass(frozen=True)
class Sums:
    """Of a task: its workers, and all of them together."""

    workers: Sequence[Worker]
    owed_fen: int
    recovered_fen: int


class _Row(NamedTuple):
    id: UUID
    task: str
    owed_fen: int
    recovered_fen: int


_WORKER: Final = table(TaskWorker)
_PAYMENT: Final = table(TaskPayment)
_ROW: Final = select(*(_WORKER.c[name] for name in _Row._fields))
_ONE: Final = Sql(_ROW.where(_WORKER.c.id == bindparam("worker")).with_for_update(), _Row)
_PAID: Final = Sql(select(_PAYMENT.c.id).where(_PAYMENT.c.id == bindparam("token")))
_COUNT: Final = Sql(select(func.count()).select_from(_WORKER).where(_WORKER.c.task == bindparam("key")))
_ADD: Final = Sql(
    update(_WORKER)
    .where(_WORKER.c.id == bindparam("worker"))
    .values(recovered_fen=_WORKER.c.recovered_fen + bindparam("more"))
)


def add_worker(
    tx: Tx, keyring: Keyring, key: str, units: Scope, name: str, owed_fen: int
) -> UUID | Problem:  # fmt: skip
    """Another worker of the task; the problem not-found out of scope, task-full after MOST."""
    task = TASKS.get(tx, key)
    if task is None or (units is not None and task.unit not in units):
        return Problem.of("not-found")
    if (counted := tx.one(_COUNT, key=key)) is not None and counted[0] >= MOST:
        return refused("task-full")
    worker = tx.new_id()
    sealed = keyring.seal("task", task.case_id, "worker", name, tx.random.randbytes)
    tx.insert(TaskWorker, id=worker, task=key, name=sealed, owed_fen=owed_fen, recovered_fen=0)
    return worker


def pay(tx: Tx, keyring: Keyring, key: str, units: Scope, payment: Payment) -> Problem | None:
    """Money that a worker got; said as a step of the matter while it is open. A token counts once."""
    task, row = TASKS.get(tx, key), tx.one(_ONE, worker=payment.worker)
    if task is None or row is None or row.task != key or (units is not None and task.unit not in units):
        return Problem.of("not-found")
    if tx.one(_PAID, token=payment.token) is not None:
        return None
    if row.recovered_fen + payment.amount_fen > row.owed_fen:
        return refused("more-than-owed")
    tx.insert(
        TaskPayment, id=payment.token, worker=row.id, amount_fen=payment.amount_fen, at=tx.now, by=payment.by
    )
    tx.run(_ADD, worker=row.id, more=payment.amount_fen)
    if (target := after(State(task.state), Step.PROGRESS)) is not None:
        task.state = target
        words = f"追回 {payment.amount_fen / 100:,.2f} 元"
        note = keyring.seal("task", task.case_id, "note", words, tx.random.randbytes)
        tx.put(
            TaskProgressed(
                case_id=task.case_id, at=tx.now, by=payment.by, unit=task.unit, task=key, step=STEP, note=note
            )
        )
    return None


def sums(session: Session, keyring: Keyring, key: str, case_id: UUID) -> Sums:
    """The workers of a task in the order in which they were written down."""
    rows = session.scalars(select(TaskWorker).where(TaskWorker.task == key).order_by(col(TaskWorker.id)))
    workers = [
        Worker(row.id, _opened(keyring, row.name, case_id), row.owed_fen, row.recovered_fen) for row in rows
    ]
    return Sums(workers, sum(one.owed_fen for one in workers), sum(one.recovered_fen for one in workers))


def _opened(keyring: Keyring, name: str, case_id: UUID) -> str | None:
    try:
        return keyring.open(name, case_id, "worker")
    except Sealed:
        return None
