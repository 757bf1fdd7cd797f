"""What is stuck in the services of this process, and what an operator may do about it.

Every address names its service, so that a proxy finds the process that runs it.
"""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.kernel.access import Principal, allow
from services.kernel.cell import Cell
from services.kernel.delivery import operate
from services.kernel.parked import order
from services.kernel.problem import Problem
from services.kernel.stuck import ServiceOut, look


class SkipIn(BaseModel):
    """Why a message is passed over for good."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


Reader = Annotated[Principal, Depends(allow("operations.read"))]
Mender = Annotated[Principal, Depends(allow("parked.write"))]
Sender = Annotated[Principal, Depends(allow("delivery.write"))]
router = APIRouter(prefix="/api/operations", tags=["operations"])


def cells_of(request: Request) -> Sequence[Cell]:
    cells: Sequence[Cell] = getattr(request.app.state, "cells", ())
    return cells


def cell_of(request: Request, service: str) -> Cell:
    """The running service of this name; 404 when this process does not run it."""
    for cell in cells_of(request):
        if cell.service.name == service:
            return cell
    raise Problem.of("not-found")


def elsewhere(request: Request) -> list[str]:
    """The installation's services that other processes run."""
    here = {cell.service.name for cell in cells_of(request)}
    return [name for name in request.app.state.known if name not in here]


@router.get("")
async def overview(request: Request, response: Response, _who: Reader) -> list[ServiceOut]:
    """The services of the process that answers; a Link header names the address of each other one."""
    if others := elsewhere(request):
        response.headers["Link"] = ", ".join(f'<{router.prefix}/{name}>; rel="item"' for name in others)
    return [await look(cell) for cell in cells_of(request)]


@router.get("/{service}")
async def one(service: str, request: Request, _who: Reader) -> ServiceOut:
    return await look(cell_of(request, service))


@router.post("/{service}/parked/{number}/replay", status_code=202)
async def replay(service: str, number: int, request: Request, who: Mender) -> dict[str, str]:
    """Try a parked message again now, then the later ones of its case; carried out within a second."""
    return await decide(cell_of(request, service), number, "replay", who.by, "")


@router.post("/{service}/parked/{number}/skip", status_code=202)
async def skip(service: str, number: int, body: SkipIn, request: Request, who: Mender) -> dict[str, str]:
    """Pass over a parked message for good; who and why is kept."""
    return await decide(cell_of(request, service), number, "skip", who.by, body.reason)


@router.post("/{service}/deliveries/{row_id}/retry", status_code=202)
async def retry(service: str, row_id: UUID, request: Request, _who: Sender) -> dict[str, str]:
    """Send again at once, or ask at once where the outcome is unknown."""
    cell = cell_of(request, service)
    if not await cell.service.store.run(lambda tx: operate.retry_now(tx, row_id)):
        raise Problem.of("not-found")
    cell.deliveries.wake()
    return {"status": "ordered"}


@router.post("/{service}/destinations/{name}/{action}", status_code=202)
async def switch(
    service: str, name: str, action: Literal["open", "close"], request: Request, _who: Sender
) -> dict[str, str]:
    """Close a partner's address, or open it again, whatever closed it."""
    cell = cell_of(request, service)
    change = operate.open_destination if action == "open" else operate.close_destination
    await cell.service.store.run(lambda tx: change(tx, name))
    cell.deliveries.wake()
    return {"status": "ordered"}


async def decide(cell: Cell, number: int, decision: str, by: str, reason: str) -> dict[str, str]:
    if not await cell.service.store.run(lambda tx: order(tx, number, decision, by, reason)):
        raise Problem.of("not-found")
    return {"status": "ordered"}
