"""A stand-in for Yikou that takes call-backs, and simulators on a free port that call it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from standardwebhooks.webhooks import Webhook

from services.simulators.run import Simulation, serving, simulation

BRIGADE, CENTRE = "inspection-jiangning", "employment-gulou"


def secret(name: str) -> str:
    return "whsec_" + base64.b64encode(name.ljust(24, "-").encode()).decode()


SECRETS = {name: (secret(name),) for name in (BRIGADE, "inspection-gulou", CENTRE, "subscriber")}


@dataclass
class FakeYikou:
    """Takes call-backs that are genuine; answers `statuses` first, then 204."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)  # unit, webhook-id, body
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def types(self) -> list[object]:
        return [body["type"] for _, _, body in self.seen]

    async def receive(self, unit: str, request: Request) -> Response:
        body = Webhook(SECRETS[unit][0]).verify(await request.body(), dict(request.headers))
        self.seen.append((unit, request.headers["webhook-id"], body))
        self.news.set()
        return Response(status_code=self.statuses.pop(0) if self.statuses else 204)

    async def until(self, done: Callable[["FakeYikou"], bool]) -> None:
        async with asyncio.timeout(40):
            while not done(self):
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def yikou() -> AsyncIterator[FakeYikou]:
    fake, app = FakeYikou(), FastAPI()
    app.add_api_route("/api/partners/{unit}/events", fake.receive, methods=["POST"], response_model=None)
    async with serving(app) as url:
        fake.url = url
        yield fake


@pytest.fixture
async def simulators(yikou: FakeYikou) -> AsyncIterator[Simulation]:
    async with simulation(SECRETS, yikou.url, seed=1) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        yield client


def task_body(key: str, unit: str = BRIGADE, owed: float | None = 12000) -> bytes:
    sent = {"task": key, "case": "7K3M-9QTX-2PD", "kind": "wage_arrears", "urgency": "normal", "unit": unit}
    record = {"text": "工地欠薪三个月", "amount_owed": owed}
    return json.dumps({**sent, "record": record, "accept_by": None}, ensure_ascii=False).encode()


def task_headers(key: str, body: bytes, signer: str = BRIGADE) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "Idempotency-Key": f'"{key}"',
        "X-Task-Fence": "1",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret(signer)).sign(key, now, body.decode()),
    }
