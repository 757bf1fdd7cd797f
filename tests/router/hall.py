"""The router behind its HTTP interface: `Front` to knock at, and the `Office` behind it."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx

from services.domain.events import CaseReceived
from services.domain.sealing import Keyring
from services.kernel.access_store import AccessStore
from services.kernel.identity import Access
from services.kernel.partners import Partners
from services.kernel.parts import Parts
from services.kernel.service import KERNEL, Handlers, Service
from services.kernel.settings import Settings
from services.kernel.web import create_app
from services.router.models import HISTORY
from services.router.rules import Desk
from services.router.service import build
from services.router.trier import Trier
from tests.kernel.cells import Clock, surroundings
from tests.kernel.front import HERE, QUICK, Counted, Front
from tests.places import Place
from tests.router.office import Office, nanjing

TEXT = "工地老板拖欠工资三个月，一直说没钱"
PHONE = "+8613800138000"
CALLER, EMPLOYER = "李某", "某某建筑公司"


@dataclass
class Hall:
    """`stale`: the handlers of a replica that still goes by the city's folder."""

    front: Front
    office: Office
    keyring: Keyring
    service: Service
    stale: Handlers

    @property
    def client(self) -> httpx.AsyncClient:
        return self.front.client

    def trier(self, slice_size: int) -> Trier:
        """Another process that tries drafts, a few cases at a time."""
        desk: Desk = cast(Any, self.service.handlers[CaseReceived]).args[0]
        return Trier(self.office.store, desk.book, slice_size)

    async def turn(self) -> None:
        """Let the service's background work have its turn, once each."""
        for _, loop in self.service.loops:
            await loop()

    def case(self, **fields: object) -> CaseReceived:
        """A wage case without a known place, so that it is held; its record can be opened."""
        case_id = self.office.around.new_id()
        return self.office.received(
            case_id=case_id, **{"work": None, "record": self.record(case_id)} | fields
        )

    def record(self, case_id: UUID) -> str:
        caller = {"name": CALLER, "phone": PHONE, "residence": None}
        text = json.dumps({"text": TEXT, "caller": caller, "employer": {"name": EMPLOYER}})
        return self.keyring.seal("task", case_id, "record", text, random.Random(1).randbytes)

    async def held(self, **fields: object) -> CaseReceived:
        case = self.case(**fields)
        await self.office.hear(case)
        return case

    async def form(self, case_id: UUID, **fields: str) -> httpx.Response:
        """Send the page's form, as a browser without JavaScript would."""
        data = {"csrf_token": await self.front.csrf(), **fields}
        return await self.client.post(f"/routing/{case_id}", data=data, headers={"accept": "text/html"})


@asynccontextmanager
async def hall(
    folder: Path, audiences: tuple[str, ...] = ("task",), place: Place | None = None
) -> AsyncIterator[Hall]:
    """`place`: where the router's store is, if not in a file of the folder."""
    clock = Clock()
    around = surroundings(clock=clock)
    access_store = AccessStore(f"sqlite:///{folder}/access.db")
    await access_store.start()
    counted = Counted(access_store)
    access = Access(counted, around, hasher=QUICK)
    stores = {"store_url": place.pattern} if place is not None else {}
    settings = Settings.read(data_dir=folder, public_url=HERE, **stores)
    if place is not None:
        place.url("router", KERNEL, HISTORY)
    keyring = Keyring.create(random.Random(5).randbytes)
    ours = keyring.without(*(name for name in keyring.rings if name not in audiences))
    service = build(Parts(settings, around, ours, nanjing(), Partners(), access))
    await service.store.start()
    for begin in service.opening:
        await begin()
    app = create_app([service], settings, access, around, body_limits=service.roomy)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            front = Front(app, client, access, counted, clock)
            office = Office(service.store, clock, Desk.of(nanjing()))
            stale, office.handlers = office.handlers, dict(service.handlers)
            service.store.hearing = office.handlers
            yield Hall(front, office, keyring, service, stale)
    finally:
        await service.store.close()
        await access_store.close()
