"""Whose case it is, and what each worker is owed: /api/<service>/tasks/{task}/identity and …/workers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, StringConstraints

from services.kernel.access import Principal, allow
from services.kernel.problem import Problem
from services.kernel.tasks.actions import Yuan
from services.kernel.tasks.officers import Officers
from services.kernel.tasks.refused import refused
from services.kernel.tasks.reveals import PURPOSES, audit, reveal
from services.kernel.tasks.standing import TASKS
from services.kernel.tasks.workers import Payment, add_worker, pay, sums
from services.kernel.tasks.worklist import record_of, scope_of

Reader = Annotated[Principal, Depends(allow("task.read"))]
Writer = Annotated[Principal, Depends(allow("task.write"))]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Once = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=100)]


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class WorkerIn(_Given):
    """A worker of the matter; `owed` in yuan."""

    name: Named
    owed: Yuan


class PaymentIn(_Given):
    """Money that the worker got, in yuan."""

    amount: Yuan


class PurposeIn(_Given):
    """Why the identity is opened: reveals.PURPOSES."""

    purpose: str


class WorkerOut(BaseModel):
    """`name` null: erased. Amounts in yuan."""

    id: UUID
    name: str | None
    owed: float
    recovered: float


class SumsOut(BaseModel):
    """What the workers of a task are owed and got back, each and together, in yuan."""

    workers: list[WorkerOut]
    owed: float
    recovered: float


class RevealOut(BaseModel):
    """Who looked at the identity, when and why."""

    by: str
    at: datetime
    purpose: str


class WorkerApi:
    """One desk's; `router` once per process."""

    def __init__(self, officers: Officers) -> None:
        self.officers, self.service = officers, officers.desk.service

    def router(self) -> APIRouter:
        api = APIRouter(prefix=f"/api/{self.service}/tasks/{{task}}", tags=[self.service])
        api.add_api_route("/identity", self.identity, methods=["POST"], summary="See whose case it is")
        api.add_api_route("/identity", self.looks, methods=["GET"], summary="Who saw whose case it is")
        api.add_api_route("/workers", self.workers, methods=["GET"], summary="What each worker is owed")
        api.add_api_route("/workers", self.add, methods=["POST"], status_code=201, summary="Add a worker")
        payments = "/workers/{worker}/payments"
        api.add_api_route(payments, self.pay, methods=["POST"], summary="Money that a worker got")
        return api

    async def identity(self, task: str, given: PurposeIn, who: Writer) -> dict[str, object]:
        if given.purpose not in PURPOSES:
            raise refused("unknown-purpose")
        found = await self.officers.find(task, who)
        await self.officers.store.run(lambda tx: reveal(tx, task, who.by, given.purpose))
        return {"caller": (record_of(found, self.officers.keyring) or {}).get("caller")}

    async def looks(self, task: str, who: Reader) -> list[RevealOut]:
        await self.officers.find(task, who)
        rows = await self.officers.store.read(lambda session: audit(session, task))
        return [RevealOut(by=row.by, at=row.at, purpose=row.purpose) for row in rows]

    async def workers(self, task: str, who: Reader) -> SumsOut:
        found, keyring = await self.officers.find(task, who), self.officers.keyring
        all_ = await self.officers.store.read(lambda session: sums(session, keyring, task, found.case_id))
        workers = [
            WorkerOut(id=one.id, name=one.name, owed=one.owed_fen / 100, recovered=one.recovered_fen / 100)
            for one in all_.workers
        ]
        return SumsOut(workers=workers, owed=all_.owed_fen / 100, recovered=all_.recovered_fen / 100)

    async def add(self, task: str, given: WorkerIn, who: Writer) -> dict[str, str]:
        scope, keyring, owed = scope_of(who), self.officers.keyring, int(given.owed * 100)
        made = await self.officers.store.run(
            lambda tx: add_worker(tx, keyring, task, scope, given.name, owed), TASKS.want(task)
        )
        if isinstance(made, Problem):
            raise made
        return {"id": str(made)}

    async def pay(self, task: str, worker: UUID, given: PaymentIn, who: Writer, once: Once) -> SumsOut:
        payment = Payment(f"{worker}:{once}", worker, int(given.amount * 100), who.by)
        scope, keyring = scope_of(who), self.officers.keyring
        problem = await self.officers.store.run(
            lambda tx: pay(tx, keyring, task, scope, payment), TASKS.want(task)
        )
        if problem is not None:
            raise problem
        return await self.workers(task, who)
