"""The API of a desk: /api/<service>/tasks, the same work as on the page."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel

from services.domain.timeline import sentence
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.tasks.actions import Acceptance, Progress, Said
from services.kernel.tasks.life import State, Step, possible_steps
from services.kernel.tasks.models import Task
from services.kernel.tasks.officers import Officers, ReasonedObjection, ToldCompletion
from services.kernel.tasks.worklist import Tab, history_of, scope_of, tasks

Reader = Annotated[Principal, Depends(allow("task.read"))]
Writer = Annotated[Principal, Depends(allow("task.write"))]
Once = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=100)]


class TaskOut(BaseModel):
    """A task in a list. `case` is the case's number; amount in yuan; `steps`: what may be done now.

    `stage`: of the unit's procedure, `stages` those that may follow; `officers` handle it, `recused` may not.
    """

    task: str
    case: str
    case_id: str
    kind: str
    unit: str
    unit_name: str
    district: str | None
    urgency: str
    bounces: int
    state: State
    via: str
    accept_by: datetime | None
    routed_at: datetime
    delivered_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    reference: str | None
    officer: str | None
    reason: str | None
    outcome: str | None
    amount_recovered: float | None
    steps: list[Step]
    stage: str | None
    officers: list[str]
    recused: list[str]
    stages: list[str]


class HistoryEntry(BaseModel):
    """What was said of a task: the event's name, a sentence, and the note or summary."""

    type: str
    at: datetime
    by: str | None
    text: str
    note: str | None


class TaskDetail(TaskOut):
    """`record`: as intake wrote it down, the caller masked until a purpose was stated (POST …/identity).

    None when it was erased.
    """

    record: dict[str, Any] | None
    history: list[HistoryEntry]


class TaskList(BaseModel):
    tasks: list[TaskOut]
    next: str | None


class StepTaken(BaseModel):
    """The state after the step; `again`: this Idempotency-Key had been used for it before."""

    task: str
    state: State
    again: bool


class TaskApi:
    """One desk's API; `router` once per process."""

    def __init__(self, officers: Officers) -> None:
        self.officers, self.desk, self.city = officers, officers.desk, officers.city

    def router(self) -> APIRouter:
        api = APIRouter(prefix=f"/api/{self.desk.service}/tasks", tags=[self.desk.service])
        api.add_api_route("", self.list, methods=["GET"], summary="A worklist")
        api.add_api_route("/{task}", self.show, methods=["GET"], summary="One task, with its record")
        for name in ("accept", "object", "progress", "complete"):
            take = getattr(self, name)
            api.add_api_route(f"/{{task}}/{name}", take, methods=["POST"], summary=f"{name.title()} a task")
        return api

    async def list(
        self,
        request: Request,
        who: Reader,
        list: Tab = Tab.WAITING,
        unit: Annotated[str | None, Query(max_length=64)] = None,
        cursor: Annotated[str | None, Query(max_length=128)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> TaskList:
        scope, language = scope_of(who), language_of(request.cookies, request.headers)
        page = await self.officers.store.read(
            lambda session: tasks(session, list, scope, unit=unit, after=cursor, limit=limit)
        )
        return TaskList(
            tasks=[TaskOut.model_validate(self._fields(task, language)) for task in page.tasks],
            next=page.next,
        )

    async def show(self, task: str, request: Request, who: Reader) -> TaskDetail:
        language = language_of(request.cookies, request.headers)
        found, keyring = await self.officers.find(task, who), self.officers.keyring
        record = await self.officers.record(found, who)
        told = [
            HistoryEntry(
                type=type(one.event).__name__, at=one.event.at, by=one.event.by,
                text=sentence(one.event, self.city, language), note=one.text,
            )
            for one in history_of(found, keyring)
        ]  # fmt: skip
        return TaskDetail(**self._fields(found, language), record=record, history=told)

    async def accept(self, task: str, said: Acceptance, who: Writer, once: Once = None) -> StepTaken:
        return await self._take(task, said, who, once)

    async def object(self, task: str, said: ReasonedObjection, who: Writer, once: Once = None) -> StepTaken:
        return await self._take(task, said, who, once)

    async def progress(self, task: str, said: Progress, who: Writer, once: Once = None) -> StepTaken:
        return await self._take(task, said, who, once)

    async def complete(self, task: str, said: ToldCompletion, who: Writer, once: Once = None) -> StepTaken:
        return await self._take(task, said, who, once)

    async def _take(self, task: str, said: Said, who: Principal, once: str | None) -> StepTaken:
        taken = await self.officers.take(task, said, who, once)
        return StepTaken(task=task, state=taken.state, again=taken.again)

    def _fields(self, task: Task, language: str) -> dict[str, Any]:
        recovered = task.amount_recovered_fen
        return {
            **task.model_dump(exclude={"key", "case_id", "number", "rank", "record", "history", "status"}),
            "task": task.key,
            "case": task.number,
            "case_id": str(task.case_id),
            "unit_name": self.city.unit_name(task.unit, language),
            "amount_recovered": None if recovered is None else recovered / 100,
            "steps": possible_steps(State(task.state)),
            "officers": json.loads(task.officers),
            "recused": json.loads(task.recused),
            "stages": self.desk.procedure.possible(task.stage),
        }
