"""What is stuck in this process, and what an operator may do about it: parked messages, deliveries, partners.

Nothing here shows a case's content: types, codes, counts and instants only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlmodel import Session, col

from services.kernel.access import Principal, allow
from services.kernel.cell import Cell
from services.kernel.delivery import operate
from services.kernel.outbox import Outgoing
from services.kernel.parked import DeadLetter, Parked, order
from services.kernel.problem import Problem

MOST = 200  # rows of one kind that are listed; the counts are of all


class ParkedOut(BaseModel):
    """A message that waits; `id` is its number for replay and skip."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    case_id: UUID
    source: str
    seq: int
    type: str
    why: str
    error: str | None
    attempts: int
    state: str
    parked_at: datetime
    next_at: datetime


class DeliveryOut(BaseModel):
    """A request under way, or one whose automation ended without success."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    destination: str
    case_id: UUID
    kind: str
    state: str
    urgent: bool
    attempts: int
    created_at: datetime
    due_at: datetime
    status: int | None
    reason: str | None


class DestinationOut(BaseModel):
    """A partner: `disabled` is a code when nothing is sent there, `open_until` when its circuit is open."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    failures: int
    open_until: datetime | None
    disabled: str | None


@dataclass(frozen=True)
class _Look:
    outbox: int
    letters: int
    parked: list[ParkedOut]
    deliveries: list[DeliveryOut]
    failed: list[DeliveryOut]
    destinations: list[DestinationOut]


class ServiceOut(BaseModel):
    """One service: rows not yet in the log, records of the log not yet heard, and what waits."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    outbox: int
    lag: int
    restarts: int
    letters: int
    parked: list[ParkedOut]
    deliveries: list[DeliveryOut]
    failed: list[DeliveryOut]
    destinations: list[DestinationOut]


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


async def look(cell: Cell) -> ServiceOut:
    """What waits in one service."""
    seen = await cell.service.store.read(_look)
    lag = await cell.log.lag(cell.service.name) if cell.service.handlers else 0
    return ServiceOut(name=cell.service.name, lag=lag, restarts=cell.restarts, **vars(seen))


@router.get("")
async def overview(request: Request, _who: Reader) -> list[ServiceOut]:
    return [await look(cell) for cell in cells_of(request)]


@router.post("/parked/{service}/{number}/replay", status_code=202)
async def replay(service: str, number: int, request: Request, who: Mender) -> dict[str, str]:
    """Try a parked message again now, then the later ones of its case; carried out within a second."""
    return await decide(cell_of(request, service), number, "replay", who.by, "")


@router.post("/parked/{service}/{number}/skip", status_code=202)
async def skip(service: str, number: int, body: SkipIn, request: Request, who: Mender) -> dict[str, str]:
    """Pass over a parked message for good; who and why is kept."""
    return await decide(cell_of(request, service), number, "skip", who.by, body.reason)


@router.post("/deliveries/{service}/{row_id}/retry", status_code=202)
async def retry(service: str, row_id: UUID, request: Request, _who: Sender) -> dict[str, str]:
    """Send again at once, or ask at once where the outcome is unknown."""
    cell = cell_of(request, service)
    if not await cell.service.store.run(lambda tx: operate.retry_now(tx, row_id)):
        raise Problem.of("not-found")
    cell.deliveries.wake()
    return {"status": "ordered"}


@router.post("/destinations/{service}/{name}/{action}", status_code=202)
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


def _look(session: Session) -> _Look:
    unpublished = select(func.count()).select_from(Outgoing).where(col(Outgoing.published_at).is_(None))
    waiting = select(Parked).order_by(col(Parked.id)).limit(MOST)
    return _Look(
        outbox=session.scalar(unpublished) or 0,
        letters=session.scalar(select(func.count()).select_from(DeadLetter)) or 0,
        parked=[ParkedOut.model_validate(row) for row in session.scalars(waiting)],
        deliveries=[DeliveryOut.model_validate(one) for one in operate.list_open(session, limit=MOST)],
        failed=[
            DeliveryOut.model_validate(one) for one in operate.list_open(session, failed=True, limit=MOST)
        ],
        destinations=[
            DestinationOut.model_validate(one)
            for one in operate.list_destinations(session)
            if one.disabled or one.failures
        ],
    )
