"""The operator's page: what is stuck in each service and why, and the buttons that get it going again."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from services.kernel import operations
from services.kernel.access import Principal, allow
from services.kernel.operations import Mender, Sender, cell_of, cells_of, decide, look
from services.kernel.pages import NavItem, PageRouter, render, see_other

router = PageRouter(NavItem("/operations", "运行", "operations.read", "卡住的消息、投递和对接单位", "g o"))


@router.get("/operations")
async def show(
    request: Request, who: Annotated[Principal, Depends(allow("operations.read"))], done: str = ""
) -> HTMLResponse:
    seen = [await look(cell) for cell in cells_of(request)]
    may = {"parked": who.may("parked.write"), "delivery": who.may("delivery.write")}
    calm = not any(service.parked or service.failed for service in seen)
    return render(request, "operations_overview.html", services=seen, may=may, done=bool(done), calm=calm)


@router.post("/operations/parked/{service}/{number}")
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


@router.post("/operations/deliveries/{service}/{row_id}")
async def delivery(service: str, row_id: UUID, request: Request, who: Sender) -> Response:
    await operations.retry(service, row_id, request, who)
    return see_other("/operations?done=1")


@router.post("/operations/destinations/{service}/{name}")
async def destination(
    service: str,
    name: str,
    request: Request,
    who: Sender,
    action: Annotated[str, Form(pattern="^(open|close)$")],
) -> Response:
    await operations.switch(service, name, "open" if action == "open" else "close", request, who)
    return see_other("/operations?done=1")
