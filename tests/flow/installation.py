"""A whole installation in one process, over real HTTP, on either store; text messages are files."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from services.commands.migrate import databases
from services.kernel.access_store import AccessStore
from services.kernel.surroundings import real
from services.kernel.tokens import create_token
from tests.flow.node import Node, install
from tests.places import Place

PATIENCE = 60.0  # seconds until something that was promised is there
Answer = dict[str, Any]


@dataclass
class Installation:
    """`people`: a role and its units, by the name that `ask` is given."""

    http: httpx.AsyncClient
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(self, who: str, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """The answer; anything but 2xx ends the test."""
        sent = {"authorization": f"Bearer {self.tokens[who]}"} | headers if who else headers
        answer = await self.http.request(method, path, json=body, headers=sent)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        found: Answer = answer.json()
        return found

    async def call(self, key: str, **case: object) -> Answer:
        """A case as an agent writes it down."""
        return await self.ask("agent", "POST", "/api/cases", case, **{"Idempotency-Key": key})

    async def case(self, made: Answer, *statuses: str) -> Answer:
        """The case, once it stands at one of these."""
        async with asyncio.timeout(PATIENCE):
            while True:
                shown = await self.ask("agent", "GET", f"/api/cases/{made['case_id']}")
                if shown["status"] in statuses:
                    return shown
                await asyncio.sleep(0.05)

    async def task(self, who: str, service: str, made: Answer) -> str:
        """The address of the case's task on this officer's worklist."""
        async with asyncio.timeout(PATIENCE):
            while True:
                tasks = (await self.ask(who, "GET", f"/api/{service}/tasks"))["tasks"]
                for one in tasks:
                    if one["case_id"] == made["case_id"]:
                        return f"/api/{service}/tasks/{one['task']}"
                await asyncio.sleep(0.05)

    async def clock(self, made: Answer, name: str, *states: str) -> Answer:
        """The clock of the case, once it is in one of these states."""
        async with asyncio.timeout(PATIENCE):
            while True:
                said = await self.ask("agent", "GET", f"/api/cases/{made['case_id']}/clocks")
                found: list[Answer] = [one for one in said["clocks"] if one["clock"] == name]
                if found and found[-1]["state"] in states:
                    return found[-1]
                await asyncio.sleep(0.05)

    def texts(self, phone: str) -> list[str]:
        """What the gateway was given for this number, oldest first."""
        sent = [json.loads(path.read_text("utf-8")) for path in sorted(self.folder.glob("sms/*/*.json"))]
        return [one["text"] for one in sent if one["to"] == phone]


@asynccontextmanager
async def installation(
    place: Place, people: dict[str, tuple[str, tuple[str, ...]]]
) -> AsyncIterator[Installation]:
    """Every unit works on its page here."""
    install(place.folder, connected=False)
    for name, histories in databases():
        place.url(name, *histories)
    node = Node(place.folder, extra={"YIKOU_STORE_URL": place.pattern})
    access = AccessStore(place.url("access"))
    await access.start()
    tokens = {
        name: await create_token(access, name, role, real().now(), units)
        for name, (role, units) in people.items()
    }
    await access.close()
    with node.running():
        await node.ready()
        async with httpx.AsyncClient(base_url=node.url, timeout=20, trust_env=False) as http:
            yield Installation(http, place.folder, tokens)
