"""The comparison with the units' systems: /api/<service>/comparison, and the same as a page."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlmodel import Session
from starlette.responses import Response

from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem
from services.kernel.tasks import comparison
from services.kernel.tasks.compared import DIFFERENCES, RUNS, TaskComparison, TaskDifference
from services.kernel.tasks.comparing import Comparer, want
from services.kernel.tasks.comparison import DifferenceOut, Report, RunOut
from services.kernel.tasks.life import STATE_NAMES, State
from services.kernel.tasks.officers import Officers
from services.kernel.tasks.worklist import scope_of

Reader = Annotated[Principal, Depends(allow("task.read"))]
Chief = Annotated[Principal, Depends(allow("routing.decide"))]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class SettleIn(BaseModel):
    """What was found out and done; codes and words without a caller's name."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    note: Note


@dataclass(frozen=True)
class ComparisonDesk:
    """One service's report; `api` and `pages` once per process."""

    officers: Officers
    comparer: Comparer

    @property
    def service(self) -> str:
        return self.officers.desk.service

    def api(self) -> APIRouter:
        api = APIRouter(prefix=f"/api/{self.service}/comparison", tags=[self.service])
        api.add_api_route("", self.report, methods=["GET"], summary="What units' systems know otherwise")
        api.add_api_route("/{unit}", self.begin, methods=["POST"], status_code=202, summary="Compare now")
        api.add_api_route(
            "/{unit}/{task}/settle", self.settle, methods=["POST"], summary="A difference is seen to"
        )
        return api

    def pages(self) -> PageRouter:
        pages = PageRouter(prefix=f"/{self.service}/comparison")
        pages.add_api_route("", self.page, methods=["GET"])
        pages.add_api_route("/{unit}", self.begin_by_form, methods=["POST"])
        pages.add_api_route("/{unit}/{task}", self.settle_by_form, methods=["POST"])
        return pages

    async def report(self, request: Request, who: Reader) -> Report:
        language = language_of(request.cookies, request.headers)
        scope, now = scope_of(who), self.officers.store.now()

        def look(session: Session) -> tuple[list[TaskComparison], list[TaskDifference]]:
            return comparison.runs(session, scope), comparison.differences(session, scope, now)

        runs, differences = await self.officers.store.read(look)
        return Report(
            runs=[self._run(row, language) for row in runs],
            differences=[self._difference(row, language) for row in differences],
        )

    async def begin(self, unit: str, _who: Chief) -> dict[str, str]:
        """Within a minute, whatever the hour."""
        if unit not in self.comparer.units:
            raise Problem.of("not-found")
        await self.officers.store.run(lambda tx: want(tx, unit), RUNS.want(unit))
        return {"status": "ordered"}

    async def settle(self, unit: str, task: str, body: SettleIn, who: Chief) -> dict[str, str]:
        """What is still there the next night is found again."""
        await self._settle(unit, task, who, body.note)
        return {"status": "settled"}

    async def page(self, request: Request, who: Reader, done: str = "") -> Response:
        report = await self.report(request, who)
        language = language_of(request.cookies, request.headers)
        names = {str(state): name.en if language == "en" else name.zh for state, name in STATE_NAMES.items()}
        return render(
            request, "tasks_comparison.html", report=report, desk=self.officers.desk, states=names,
            home=f"/{self.service}/comparison", back=f"/{self.service}", done=bool(done),
            may=who.may("routing.decide"), finished=[str(state) for state in State],
        )  # fmt: skip

    async def begin_by_form(self, unit: str, who: Chief) -> Response:
        await self.begin(unit, who)
        return see_other(f"/{self.service}/comparison?done=1")

    async def settle_by_form(
        self, unit: str, task: str, who: Chief, note: Annotated[Note, Form()]
    ) -> Response:
        await self._settle(unit, task, who, note)
        return see_other(f"/{self.service}/comparison?done=1")

    async def _settle(self, unit: str, task: str, who: Principal, note: str) -> None:
        identity, scope = f"{unit} {task}", scope_of(who)
        settled = await self.officers.store.run(
            lambda tx: comparison.settle(tx, identity, scope, who.by, note), DIFFERENCES.want(identity)
        )
        if not settled:
            raise Problem.of("not-found")

    def _run(self, row: TaskComparison, language: str) -> RunOut:
        over = row.ended_at is not None and row.begun_at is not None and row.ended_at >= row.begun_at
        name = self.officers.city.unit_name(row.unit, language)
        return RunOut.model_validate(row.model_dump() | {"unit_name": name, "finished": over})

    def _difference(self, row: TaskDifference, language: str) -> DifferenceOut:
        return DifferenceOut(
            **row.model_dump(exclude={"key", "number"}), task=row.key, case=row.number,
            unit_name=self.officers.city.unit_name(row.unit, language),
            advice=comparison.advice(row, language),
        )  # fmt: skip
