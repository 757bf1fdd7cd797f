"""The worklist of a desk: /<service> with its lists, and a task beside it with the next step to take."""

from typing import Annotated, Final

from fastapi import Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from services.domain.refusals import Refusal
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem
from services.kernel.tasks.desk import Record
from services.kernel.tasks.documents import Cabinet
from services.kernel.tasks.forms import Filled, given_in, read_form
from services.kernel.tasks.life import State, Step
from services.kernel.tasks.models import Task
from services.kernel.tasks.officers import Officers
from services.kernel.tasks.reveals import PURPOSES, has_identity, masked
from services.kernel.tasks.views import Clerk
from services.kernel.tasks.workers import sums
from services.kernel.tasks.worklist import (
    TAB_OF,
    Page,
    Tab,
    counts,
    history_of,
    record_of,
    scope_of,
    tasks,
)

Reader = Annotated[Principal, Depends(allow("task.read"))]
Writer = Annotated[Principal, Depends(allow("task.write"))]
UnitId = Annotated[str | None, Query(max_length=64)]
Cursor = Annotated[str | None, Query(max_length=128)]
FRAGMENT: Final = "x-fragment"  # desk.js fetches the list alone
Shown = dict[str, object]


class TaskPages:
    """One desk's pages; `router` once per process."""

    def __init__(self, officers: Officers, cabinet: Cabinet) -> None:
        self.officers, self.cabinet, self.around = officers, cabinet, cabinet.around
        self.desk, self.clerk = officers.desk, Clerk(officers.desk, officers.city)
        self.home = f"/{self.desk.service}"

    def router(self) -> PageRouter:
        pages = PageRouter(prefix=self.home)
        pages.add_api_route("", self.worklist, methods=["GET"])
        pages.add_api_route("/tasks/{task}", self.task, methods=["GET"])
        pages.add_api_route("/tasks/{task}/{step}", self.take, methods=["POST"])
        return pages

    async def worklist(
        self,
        request: Request,
        who: Reader,
        list: Tab = Tab.WAITING,
        unit: UnitId = None,
        after: Cursor = None,
    ) -> Response:
        shown = await self._list(request, who, list, unit, after)
        template = "tasks_rows.html" if FRAGMENT in request.headers else "tasks.html"
        return render(request, template, 200, **shown)

    async def task(self, task: str, request: Request, who: Reader, done: Step | None = None) -> Response:
        return await self._show(request, who, task, done=done)

    async def take(self, task: str, step: Step, request: Request, who: Writer) -> Response:
        """Take a step; when it cannot be taken the form comes back as it was typed."""
        sent = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        given, language = given_in(step, sent), language_of(request.cookies, request.headers)
        said = read_form(step, given, language)
        if isinstance(said, Filled):
            return await self._show(request, who, task, filled=said, status=422)
        try:
            await self.officers.take(task, said, who, sent.get("token", "")[:64] or None)
        except Refusal as refused:
            filled = Filled(step, given, {refused.field or "": refused.in_language(language)})
            return await self._show(request, who, task, filled=filled, status=422)
        except Problem as problem:
            filled = Filled(step, given, {"": problem.en if language == "en" else problem.zh})
            return await self._show(request, who, task, filled=filled, status=problem.status)
        return see_other(f"{self.home}/tasks/{task}?done={step}", saved=f"{step}-{task}")

    async def _show(
        self, request: Request, who: Principal, key: str, *, done: Step | None = None,
        filled: Filled | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        language = language_of(request.cookies, request.headers)
        task = await self.officers.find(key, who)
        record = await self.officers.record(task, who)
        shown = await self._list(request, who, TAB_OF[State(task.state)], None, None)
        keyring, now = self.officers.keyring, self.around.now()
        shown["opened"] = self.clerk.opened(task, record, history_of(task, keyring), now, language)
        shown |= await self._papers(task, record, language)
        shown |= {"done": done, "filled": filled, "may_write": who.may("task.write")}
        return render(request, "tasks.html", status, **shown)

    async def _papers(self, task: Task, record: Record | None, language: str) -> Shown:
        """What lies with a task: its workers and documents, and why its identity may be opened."""
        keyring = self.officers.keyring

        def look(session: Session) -> Shown:
            return {
                "sums": sums(session, keyring, task.key, task.case_id),
                "documents": self.cabinet.listed(session, task.key, task.case_id),
            }

        closed = has_identity(record_of(task, keyring)) and masked(record or {}) == record
        purposes = [(code, name.in_language(language)) for code, name in PURPOSES.items()]
        return {**await self.officers.store.read(look), "purposes": purposes if closed else []}

    async def _list(
        self, request: Request, who: Principal, tab: Tab, unit: str | None, after: str | None
    ) -> Shown:
        scope, language, now = scope_of(who), language_of(request.cookies, request.headers), self.around.now()

        def look(session: Session) -> tuple[Page, dict[Tab, int]]:
            return tasks(session, tab, scope, unit=unit, after=after), counts(session, scope)

        page, counted = await self.officers.store.read(look)
        return {
            "desk": self.desk,
            "home": self.home,
            "tab": tab.value,
            "unit": unit,
            "counts": {name.value: number for name, number in counted.items()},
            "lines": [
                self.clerk.line(task, record_of(task, self.officers.keyring), now, language)
                for task in page.tasks
            ],
            "next": page.next,
            "units": self.clerk.units(scope, language),
            "token": f"{self.around.random.getrandbits(128):032x}",
            "opened": None,
            "done": None,
            "filled": None,
            "now": now,
        }
