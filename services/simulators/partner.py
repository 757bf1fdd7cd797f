"""A partner system that plays several units: takes signed tasks, works on them, and calls back.

POST /{unit}/tasks        202 {"reference"} · 401 bad signature · 404 unknown unit · 422 malformed, or other
                          content under a known key
POST /{unit}/tasks/{key}/news  202: further news of a task · 401 · 404 unknown task
GET  /{unit}/tasks/{key}  {"key", "state", "reference"} · 404: never arrived, may be sent again · 401

Both are signed by Yikou (Standard Webhooks; a question has an empty body).
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from services.simulators.behaviour import Behaviour
from services.simulators.callbacks import CallBacks
from services.simulators.course import Task, course
from services.simulators.ledger import Ledger, Note
from services.simulators.received import read_task, reference
from services.simulators.wire import answer, genuine

STATES = {
    "task.accepted": "accepted",
    "task.progressed": "in_progress",
    "task.completed": "completed",
    "task.objected": "objected",
}
FINISHED = {"completed", "objected", "abandoned"}
ANEW = 100  # the first step's number of a task that was taken twice


class SimulatedPartner:
    """`secrets`: the signing secrets of each unit that it plays, newest first.

    Keeps the newest `keep` tasks in memory; a task that fell out would count as new when it came again.
    """

    def __init__(
        self, secrets: Mapping[str, Sequence[str]], behaviour: Behaviour, ledger: Ledger, keep: int = 200_000
    ) -> None:
        self._secrets, self._behaviour, self._ledger, self._keep = secrets, behaviour, ledger, keep
        self._tasks: dict[tuple[str, str], Task] = {}
        self._done: dict[tuple[str, str], int] = {}  # steps that Yikou took
        self._states: dict[tuple[str, str], str] = {}
        self._callbacks: CallBacks | None = None
        self._work: set[asyncio.Task[None]] = set()

    def remember(self, note: Note) -> None:
        """Take back one note of an earlier run."""
        if note.what == "task":
            self._keep_task(Task(unit=note.who, **note.facts))  # type: ignore[arg-type]
        elif note.what == "callback":
            place = (note.who, str(note.facts["key"]))
            self._done[place] = self._done.get(place, 0) + 1
            self._states[place] = STATES[str(note.facts["type"])]
        elif note.what == "abandoned":
            self._states[note.who, str(note.facts["key"])] = "abandoned"

    def start(self, callbacks: CallBacks) -> None:
        """Begin to call back; unfinished tasks of an earlier run go on where they were."""
        self._callbacks = callbacks
        for place, task in self._tasks.items():
            if self._states.get(place) not in FINISHED:
                self._begin(task)

    async def stop(self) -> None:
        work, self._work = self._work, set()
        for one in work:
            one.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*work, return_exceptions=True)

    def routes(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route("/{unit}/tasks", self.take, methods=["POST"], response_model=None)
        router.add_api_route("/{unit}/tasks/{key}/news", self.hear, methods=["POST"], response_model=None)
        router.add_api_route("/{unit}/tasks", self.list, methods=["GET"], response_model=None)
        router.add_api_route("/{unit}/tasks/{key:path}", self.show, methods=["GET"], response_model=None)
        return router

    async def take(self, unit: str, request: Request) -> Response:
        body = await request.body()
        fault = self._behaviour.next_fault(unit)
        key = request.headers.get("idempotency-key", "").strip('"')
        if unit in self._secrets:
            fence = request.headers.get("x-task-fence")
            message = request.headers.get("webhook-id")
            self._ledger.note(unit, "request", key=key, id=message, fence=fence, fault=fault.mode)
        again = fault.mode == "accept_twice"
        return await answer(request, fault, lambda: self._receive(unit, key, request, body, again))

    async def hear(self, unit: str, key: str, request: Request) -> Response:
        body = await request.body()
        return await answer(
            request, self._behaviour.next_fault(unit), lambda: self._news(unit, key, request, body)
        )

    async def show(self, unit: str, key: str, request: Request) -> Response:
        fault = self._behaviour.next_fault(unit)
        if unit in self._secrets:
            self._ledger.note(unit, "question", key=key, fault=fault.mode)
        return await answer(request, fault, lambda: self._known(unit, key, request))

    async def list(self, unit: str, request: Request) -> Response:
        if unit not in self._secrets or not genuine(self._secrets[unit], request.headers, b""):
            return JSONResponse({"error": "signature"}, 401)
        states = {key: self._states.get((unit, key), "received") for of, key in self._tasks if of == unit}
        there = [{"key": key, "state": state} for key, state in states.items() if state not in FINISHED]
        return JSONResponse({"tasks": there, "next": None})

    def _known(self, unit: str, key: str, request: Request) -> Response:
        if unit in self._secrets and not genuine(self._secrets[unit], request.headers, b""):
            self._ledger.note(unit, "refused", key=key)
            return JSONResponse({"error": "signature"}, 401)
        if (unit, key) not in self._tasks:
            return JSONResponse({"error": "no such task"}, 404)
        state = self._states.get((unit, key), "received")
        return JSONResponse({"key": key, "state": state, "reference": reference(unit, key)})

    def _news(self, unit: str, key: str, request: Request, body: bytes) -> Response:
        if unit in self._secrets and not genuine(self._secrets[unit], request.headers, body):
            self._ledger.note(unit, "refused", key=key)
            return JSONResponse({"error": "signature"}, 401)
        if (unit, key) not in self._tasks:
            return JSONResponse({"error": "no such task"}, 404)
        self._ledger.note(unit, "news", key=key, id=request.headers.get("idempotency-key", "").strip('"'))
        return JSONResponse({"task": key}, 202)

    def _receive(self, unit: str, key: str, request: Request, body: bytes, again: bool = False) -> Response:
        if unit not in self._secrets:
            return JSONResponse({"error": "no such unit"}, 404)
        if not genuine(self._secrets[unit], request.headers, body):
            self._ledger.note(unit, "refused", key=key)
            return JSONResponse({"error": "signature"}, 401)
        task = read_task(unit, key, body)
        if task is None:
            self._ledger.note(unit, "malformed", key=key)
            return JSONResponse({"error": "not a task of this unit under this key"}, 422)
        known = self._tasks.get((unit, key))
        if again and known is not None:
            return self._take_twice(known)
        if known is not None and known.fingerprint != task.fingerprint:
            self._ledger.note(unit, "conflict", key=key)
            return JSONResponse({"error": "this key was used for another task"}, 422)
        if known is None:
            self._ledger.note(unit, "task", **{k: v for k, v in asdict(task).items() if k != "unit"})
            self._keep_task(task)
            self._begin(task)
        return JSONResponse({"reference": reference(unit, key)}, 202)

    def _take_twice(self, known: Task) -> Response:
        """The same matter under another number, worked on and reported a second time."""
        self._ledger.note(known.unit, "task", **{k: v for k, v in asdict(known).items() if k != "unit"})
        self._begin(known, ANEW)
        return JSONResponse({"reference": f"{reference(known.unit, known.key)}-2"}, 202)

    def _keep_task(self, task: Task) -> None:
        self._tasks[task.unit, task.key] = task
        if len(self._tasks) > self._keep:
            oldest = next(iter(self._tasks))
            for table in (self._tasks, self._done, self._states):
                table.pop(oldest, None)

    def _begin(self, task: Task, first: int = 0) -> None:
        if self._callbacks is None:
            return
        work = asyncio.create_task(
            self._work_on(task, self._callbacks, first), name=f"{task.unit} {task.key}"
        )
        self._work.add(work)
        work.add_done_callback(self._work.discard)

    async def _work_on(self, task: Task, callbacks: CallBacks, first: int) -> None:
        """`first`: the number of the first step, which its message id is made of."""
        place = (task.unit, task.key)
        steps = course(task, tuple(self._secrets), self._behaviour.pace(task.unit), self._behaviour.seed)
        for number, step in enumerate(steps, first):
            if number < self._done.get(place, 0):
                continue
            await asyncio.sleep(step.after)
            before, self._states[place] = self._states.get(place, "received"), STATES[step.type]
            try:
                sent = await callbacks.send(task, number, step)
            except asyncio.CancelledError:
                self._states[place] = before  # nobody was told: `start` goes on from there
                raise
            if not sent:
                self._states[place] = "abandoned"
                return
            self._done[place] = number + 1
