"""A hotline of intake alone: real store, log, access and application in a folder, and our own clock."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from services.domain.city import City
from services.domain.events import Event
from services.domain.sealing import Keyring
from services.intake.service import build
from services.kernel.access_store import AccessStore
from services.kernel.accounts import add_account
from services.kernel.cell import Cell
from services.kernel.eventlog_sqlite import SqliteEventLog
from services.kernel.identity import Access
from services.kernel.partners import Partners
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.kernel.settings import Settings
from services.kernel.store import Tx
from services.kernel.surroundings import Surroundings
from services.kernel.tokens import create_token
from services.kernel.web import create_app

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
HERE = "http://12333.test"
PASSWORD = "correct horse 7"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
START = datetime(2026, 1, 26, 9, 0, tzinfo=UTC)

NAME, PHONE, HOME = "欧阳翠花", "13851467290", "南京市秦淮区夫子庙瞻园路128号3单元401室"
WORK = "江宁区秣陵街道天元西路599弄工地"
WAGE: dict[str, Any] = {
    "kind": "wage_arrears",
    "channel": "phone",
    "text": "包工头欠我们班组三个月工资，年前说结清一直没有给。",
    "caller": {"name": NAME, "phone": PHONE, "residence": HOME},
    "employer": {"name": "江宁某某建筑劳务公司", "work_address": WORK},
    "amount_owed": 8400.5,
    "workers_affected": 9,
}


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Hotline:
    """`client` is nobody in particular: `api` and `sign_in` say who asks."""

    folder: Path
    app: FastAPI
    client: httpx.AsyncClient
    service: Service
    access: Access
    people: AccessStore
    keyring: Keyring
    clock: Clock
    tokens: dict[str, str] = field(default_factory=dict)
    posted: int = 0

    async def bearer(self, role: str = "agent", name: str = "") -> dict[str, str]:
        name = name or role
        if name not in self.tokens:
            self.tokens[name] = await create_token(self.people, name, role, self.clock())
        return {"authorization": f"Bearer {self.tokens[name]}"}

    async def api(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        role: str = "agent",
        name: str = "",
        **headers: str,
    ) -> httpx.Response:
        """A request with a token. Header names with _ for -."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        auth = await self.bearer(role, name)
        return await self.client.request(method, path, json=body, headers=auth | sent)

    async def post_case(
        self, body: object, key: str = "", role: str = "agent", name: str = ""
    ) -> httpx.Response:
        """POST /api/cases, under a key of its own unless one is given."""
        self.posted += 1
        key = key or f"test-{self.posted}"
        return await self.api("POST", "/api/cases", body, role=role, name=name, idempotency_key=key)

    async def create(self, role: str = "agent", name: str = "", **changes: object) -> dict[str, Any]:
        """A wage case, with fields changed; None leaves one out."""
        body = {key: value for key, value in (WAGE | changes).items() if value is not None}
        answer = await self.post_case(body, role=role, name=name)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def show(self, case_id: str, role: str = "agent", name: str = "", **headers: str) -> dict[str, Any]:
        answer = await self.api("GET", f"/api/cases/{case_id}", role=role, name=name, **headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def hear(self, *events: Event, source: str = "router") -> None:
        """Events of another service, as its batch would bring them."""

        def unit(tx: Tx) -> None:
            if self.service.prefetch is not None:
                self.service.prefetch(events, tx)
            for event in events:
                tx.source = source
                tx.put(*self.service.handlers[type(event)](event, tx))
            tx.source = self.service.name

        await self.service.store.run(unit)

    async def background(self) -> None:
        """One round of everything that the service does by itself."""
        await asyncio.gather(*(loop() for _, loop in self.service.loops))

    def outbox(self, *types: str) -> list[sqlite3.Row]:
        """Rows of the outbox in order, of these event types."""
        rows = self.rows("SELECT case_id, case_seq, type, body FROM outbox ORDER BY id")
        return [row for row in rows if not types or row["type"] in types]

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with sqlite3.connect(self.folder / "intake.db") as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()

    def case_id(self, made: dict[str, Any]) -> UUID:
        return UUID(made["case_id"])

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - our own table names

    async def sign_in(self, name: str = "10543", role: str = "agent") -> None:
        await add_account(self.people, name, PASSWORD, role, self.clock(), staff_number=name, hasher=QUICK)
        answer = await self.client.post("/signin", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303

    async def csrf(self) -> str:
        page = (await self.client.get("/")).text
        return page.split('<meta name="csrf" content="')[1].split('"')[0]


@asynccontextmanager
async def hotline(folder: Path, with_log: bool = False) -> AsyncIterator[Hotline]:
    """with_log: also what runs in the background, up to the event log; it takes half a second to stop."""
    clock = Clock()
    around = Surroundings(clock, random.Random(7))
    settings = Settings.read(data_dir=folder, public_url=HERE)
    ring = folder / "keyring.json"
    if not ring.exists():
        Keyring.create(around.random.randbytes).dump(ring)
    keyring = Keyring.load(ring)
    people = AccessStore(settings.store_url("access"))
    access = Access(people, around, hasher=QUICK)
    service = build(Parts(settings, around, keyring, CITY, Partners(), access))
    app = create_app([service], settings, access, around)
    await people.start()
    async with AsyncExitStack() as running:
        running.push_async_callback(people.close)
        await _start(service, folder, with_log, running)
        transport = httpx.ASGITransport(app, client=("10.1.2.3", 40000), raise_app_exceptions=False)
        client = await running.enter_async_context(httpx.AsyncClient(transport=transport, base_url=HERE))
        yield Hotline(folder, app, client, service, access, people, keyring, clock)


async def _start(service: Service, folder: Path, with_log: bool, running: AsyncExitStack) -> None:
    if not with_log:
        service.store.hearing = service.handlers
        await service.store.start()
        running.push_async_callback(service.store.close)
        return
    log = SqliteEventLog(folder / "log.db")
    cell = Cell(service, log)
    await log.start()
    running.push_async_callback(log.close)
    await cell.start()
    running.push_async_callback(cell.stop)
