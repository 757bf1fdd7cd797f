"""Alarms that nobody has answered yet: the page and the API of whoever is there at night."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import HTMLResponse, Response

from services.domain.refusals import Refusal
from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem
from services.router.alert_desk import AlarmOut, AlertDesk


class AnswerIn(BaseModel):
    """`staff`: who has it, said by the desk that rang them up; an officer leaves it out."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    staff: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{2,16}$")] | None = None


def api(desk: AlertDesk) -> APIRouter:
    routes = APIRouter(tags=["alerts"])

    @routes.get("/api/alerts")
    async def unanswered(
        request: Request, who: Annotated[Principal, Depends(allow("alert.read"))]
    ) -> list[AlarmOut]:
        """Alarms that nobody has answered, the longest waiting first."""
        return await desk.unanswered(who, language_of(request.cookies, request.headers))

    @routes.post("/api/alerts/{alert_id}/acknowledge", status_code=204)
    async def acknowledge(
        alert_id: UUID, body: AnswerIn, who: Annotated[Principal, Depends(allow("alert.acknowledge"))]
    ) -> None:
        """Somebody has it: nobody else is called. 409 when somebody else was first."""
        await desk.acknowledge(alert_id, who, body.staff)

    return routes


def router(desk: AlertDesk) -> PageRouter:
    pages = PageRouter()

    async def shown(
        request: Request, who: Principal, done: bool = False, error: str = "", status: int = 200
    ) -> HTMLResponse:
        alarms = await desk.unanswered(who, language_of(request.cookies, request.headers))
        whole = "router_alert_rows.html" if "x-fragment" in request.headers else "router_alerts.html"
        return render(
            request, whole, status, alarms=alarms, done=done, error=error, at_desk=who.may("case.read.all"),
            may_answer=who.may("alert.acknowledge"),
        )  # fmt: skip

    @pages.get("/alerts")
    async def show(
        request: Request, who: Annotated[Principal, Depends(allow("alert.read"))], done: bool = False
    ) -> Response:
        return await shown(request, who, done)

    @pages.post("/alerts/{alert_id}")
    async def answer(
        alert_id: UUID, request: Request, who: Annotated[Principal, Depends(allow("alert.acknowledge"))],
        staff: Annotated[str, Form(max_length=16)] = "",
    ) -> Response:  # fmt: skip
        try:
            await desk.acknowledge(alert_id, who, staff or None)
        except (Problem, Refusal) as error:
            status = error.status if isinstance(error, Problem) else 422
            english = language_of(request.cookies, request.headers) == "en"
            return await shown(request, who, error=error.en if english else error.zh, status=status)
        return see_other("/alerts?done=true")

    return pages
