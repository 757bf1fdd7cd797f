"""A small installation for the web's tests: real stores in a folder, our clock, no network."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, TypeVar

import httpx
from argon2 import PasswordHasher
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session
from starlette.responses import Response

from services.kernel.access import Principal, allow, partner, public
from services.kernel.access_store import AccessStore
from services.kernel.accounts import add_account
from services.kernel.health import Health
from services.kernel.identity import Access
from services.kernel.navigation import Navigation, NavItem
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.settings import Settings
from services.kernel.tokens import create_token
from services.kernel.web import Lifespan, create_app
from tests.kernel.cells import Clock, surroundings

T = TypeVar("T")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse 7"
HERE, ELSEWHERE = "http://12333.test", "https://evil.test"
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Counted:
    """The access store, counting what is read from it."""

    def __init__(self, store: AccessStore) -> None:
        self.store, self.reads = store, 0

    async def run(self, work: Callable[[Session], T]) -> T:
        return await self.store.run(work)

    async def read(self, work: Callable[[Session], T]) -> T:
        self.reads += 1
        return await self.store.read(work)


@dataclass
class Front:
    app: FastAPI
    client: httpx.AsyncClient
    access: Access
    store: Counted
    clock: Clock

    async def person(self, role: str, name: str = "10543", units: tuple[str, ...] = ()) -> None:
        await add_account(
            self.store, name, PASSWORD, role, self.clock(), staff_number=name, units=units, hasher=QUICK
        )

    async def bearer(self, role: str, name: str = "feed", units: Sequence[str] = ()) -> dict[str, str]:
        token = await create_token(self.store, name, role, self.clock(), units)
        return {"authorization": f"Bearer {token}"}

    async def sign_in(self, name: str = "10543", password: str = PASSWORD, next: str = "/") -> httpx.Response:
        return await self.client.post("/signin", data={"name": name, "password": password, "next": next})

    async def csrf(self) -> str:
        page = (await self.client.get("/")).text
        return page.split('<meta name="csrf" content="')[1].split('"')[0]


@asynccontextmanager
async def front(
    folder: Path,
    *routers: APIRouter,
    settings: Settings | None = None,
    peer: str = "10.1.2.3",
    health: Health | None = None,
    hasher: PasswordHasher = QUICK,
    lifespan: Lifespan | None = None,
) -> AsyncIterator[Front]:
    store = AccessStore(f"sqlite:///{folder}/access.db")
    await store.start()
    clock = Clock()
    around, counted = surroundings(clock=clock), Counted(store)
    settings = settings or Settings.read(data_dir=folder, public_url=HERE)
    access = Access(counted, around, secure=settings.cookie_secure, hasher=hasher)
    service = SimpleNamespace(name="front", routes=(desk_api, desk_pages, *routers))
    app = create_app([service], settings, access, around, health=health, lifespan=lifespan)
    app.state.pages.navigation = NAVIGATION
    transport = httpx.ASGITransport(app, client=(peer, 40000), raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            yield Front(app, client, access, counted, clock)
    finally:
        await store.close()


class NewCase(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=1000)
    people: int = Field(default=1, ge=1, le=100000)
    tags: dict[str, int] = {}


class Made(BaseModel):
    by: str


desk_api = APIRouter(prefix="/api")


@desk_api.post("/cases", status_code=201)
async def create(body: NewCase, who: Annotated[Principal, Depends(allow("case.create"))]) -> Made:
    return Made(by=who.by)


@desk_api.get("/cases/{case_id}")
async def one(case_id: int, who: Annotated[Principal, Depends(allow("case.read"))]) -> Made:
    return Made(by=who.by)


@desk_api.post("/tracking", dependencies=[Depends(public())])
async def track(body: NewCase) -> Made:
    return Made(by="public")


@desk_api.post("/partners/{name}/events", dependencies=[Depends(partner())])
async def signed(name: str, request: Request) -> Made:
    return Made(by=str(len(await request.body())))


desk_pages = PageRouter()
NAVIGATION = Navigation(
    (NavItem("/front", "工作台", "case.read", key="g d"), NavItem("/front/report", "我要举报")),
    (NavItem("/front/search", "搜索", "case.read"),),
)


@desk_pages.get("/front")
async def desk(request: Request, _who: Annotated[Principal, Depends(allow("case.read"))]) -> Response:
    return render(request, "operations.html")


@desk_pages.post("/front")
async def save(_who: Annotated[Principal, Depends(allow("case.create"))]) -> Response:
    return see_other("/front", saved="new-case")
