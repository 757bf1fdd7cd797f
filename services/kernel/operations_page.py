"""The operator's page: what is stuck in each service and why, and the buttons that get it going again."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Form, Request
from starlette.responses import HTMLResponse, Response

from services.kernel import operations
from services.kernel.access import Principal
from services.kernel.operations import Mender, Reader, Sender, cell_of, cells_of, decide
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.stuck import look

FRAGMENT: Final = "x-fragment"  # desk.js fetches the part of a service that another process runs
router = PageRouter()


@router.get("/operations")
async def show(request: Request, who: Reader, done: str = "") -> HTMLResponse:
    """Every service of the installation: those of this process, and where the others' parts are."""
    here = {cell.service.name: await look(cell) for cell in cells_of(request)}
    parts = [(name, here.get(name)) for name in request.app.state.known]
    return render(request, "operations_overview.html", parts=parts, may=_may(who), done=bool(done))


@router.get("/operations/{service}")
async def part(service: str, request: Request, who: Reader) -> HTMLResponse:
    """One service alone."""
    seen = await look(cell_of(request, service))
    if FRAGMENT in request.headers:
        return render(request, "operations_part.html", service=seen, may=_may(who))
    return render(request, "operations_overview.html", parts=[(service, seen)], may=_may(who), done=False)


@router.post("/operations/{service}/parked/{number}")
async def parked(
    service: str,
    number: int,
    request: Request,
    who: Mender,
    decision: Annotated[str, Form(pattern="^(replay|skip)$")],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    await decide(cell_of(request, service), number, decision, who.by, reason)
    return see_other("/operations?done=1")


@router.post("/operations/{service}/deliveries/{row_id}")
async def delivery(service: str, row_id: UUID, request: Request, who: Sender) -> Response:
    await operations.retry(service, row_id, request, who)
    return see_other("/operations?done=1")


@router.post("/operations/{service}/destinations/{name}")
async def destination(
    service: str,
    name: str,
    request: Request,
    who: Sender,
    action: Annotated[str, Form(pattern="^(open|close)$")],
) -> Response:
    await operations.switch(service, name, "open" if action == "open" else "close", request, who)
    return see_other("/operations?done=1")


def _may(who: Principal) -> dict[str, bool]:
    return {"parked": who.may("parked.write"), "delivery": who.may("delivery.write")}
