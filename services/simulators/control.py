"""The simulators' own controls: GET /_counts, GET and POST /_behaviour."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from services.simulators import sms, subscriber
from services.simulators.behaviour import PACES, Behaviour, Fault
from services.simulators.ledger import Ledger

Counts = dict[str, dict[str, int]]


class Change(BaseModel):
    """POST /_behaviour: `name` is a unit's id, "sms", "subscriber" or "*"; `pace` "fast" or "demo"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    fault: Fault | None = None
    pace: Literal["fast", "demo"] | None = None


def counts(ledger: Ledger) -> Counts:
    """{"units": summed over all units, "sms": ..., "subscriber": ..., and each unit by its id}.

    A unit counts request, task (distinct), refused, malformed, conflict, question, callback, abandoned;
    the gateway and the subscriber count request, message (distinct), repeat, and conflict or refused.
    """
    found = ledger.counts()
    units: dict[str, int] = {"request": 0, "task": 0, "callback": 0}
    for who, table in found.items():
        if who not in {sms.NAME, subscriber.NAME}:
            for what, number in table.items():
                units[what] = units.get(what, 0) + number
    nothing = {"request": 0, "message": 0}
    return {"units": units, sms.NAME: nothing, subscriber.NAME: nothing, **found}


def routes(behaviour: Behaviour, ledger: Ledger) -> APIRouter:
    router = APIRouter()

    @router.get("/_counts")
    async def show_counts() -> Counts:
        return counts(ledger)

    @router.get("/_behaviour")
    async def show_faults() -> dict[str, Fault]:
        return behaviour.faults()

    @router.post("/_behaviour")
    async def change(change: Change) -> dict[str, Fault]:
        if change.fault is not None:
            behaviour.set(change.name, change.fault)
        if change.pace is not None:
            behaviour.set_pace(change.name, PACES[change.pace])
        return behaviour.faults()

    return router
