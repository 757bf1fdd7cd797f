"""The clients: cases posted at a steady rate, each until it is answered, always under the same key.

A client that hears nothing repeats itself; one in ten sends everything twice at once. What they asked and
what they heard is written down before and after, so that nothing depends on what the system says of itself.
"""

import asyncio
import itertools
import random
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import httpx

from services.commands.feed_lines import mobile
from tools.chaos.history import CLIENT, READS, Fact, History
from tools.chaos.stack import Keys

LANES: Final = 24
AGAIN: Final = 0.4  # seconds before a client that heard nothing asks again
PATIENCE: Final = 240.0  # seconds after which a client gives up
DOUBLED: Final = 0.1
KINDS: Final = ("wage_arrears", "job_assistance", "social_help")
WORD: Final = "工地秘密花园"  # of every case's text; it may be readable nowhere
NAME: Final = "欧阳混沌"


def body(number: int, districts: Sequence[str]) -> dict[str, object]:
    district = districts[number % len(districts)]
    return {
        "kind": KINDS[number % len(KINDS)],
        "channel": "phone",
        "text": f"第 {number} 件：{WORD}欠薪三个月，请尽快处理。",
        "caller": {"name": NAME, "phone": mobile(number), "residence_district": district},
        "employer": {"name": "测试建筑公司", "work_district": district},
        "urgent": number % 2 == 0,
    }


def phone_hash(number: int) -> str:
    """As the simulated gateway notes whom a text went to."""
    return sha256(f"+86{mobile(number)}".encode()).hexdigest()[:16]


@dataclass
class Load:
    """`cases`: the id of each case that was answered, by its number. `rate` in cases per second."""

    url: str
    keys: Keys
    districts: Sequence[str]
    history: History
    rate: float
    chance: random.Random
    cases: dict[int, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _running: set["asyncio.Task[None]"] = field(default_factory=set)

    def client(self, token: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10, trust_env=False)

    async def run(self, stop: asyncio.Event, most: int = 1_000_000) -> int:
        """Open cases until `stop`, then wait until each is answered; how many there were."""
        lanes, opened = asyncio.Semaphore(LANES), 0
        async with self.client(self.keys.client) as http, self.client(self.keys.stranger) as stranger:
            while not stop.is_set() and opened < most:
                await lanes.acquire()
                opened += 1
                self._spawn(self._case(http, stranger, next(self._numbers)), lanes)
                await asyncio.sleep(self.chance.expovariate(self.rate))
            if self._running:
                await asyncio.wait(self._running)
        return opened

    def _spawn(self, work: Coroutine[object, object, None], lanes: asyncio.Semaphore) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)

        def done(ended: "asyncio.Task[None]") -> None:
            lanes.release()
            self._running.discard(ended)

        task.add_done_callback(done)

    async def _case(self, http: httpx.AsyncClient, stranger: httpx.AsyncClient, number: int) -> None:
        case, key = body(number, self.districts), f"chaos-{number}"
        facts: dict[str, Fact] = {"key": key, "number": number, "to": phone_hash(number)}
        twice = self.chance.random() < DOUBLED
        self.history.note(CLIENT, "begin", twice=int(twice), **facts)
        asked = [self._until_answered(http, key, case) for _ in range(2 if twice else 1)]
        for found in await asyncio.gather(*asked):
            if found is not None:
                self.cases[number] = found
        if number % 5 == 0 and number in self.cases:
            await self._look(stranger, self.cases[number])

    async def _until_answered(self, http: httpx.AsyncClient, key: str, case: dict[str, object]) -> str | None:
        until = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < until:
            self.history.note(CLIENT, "invoke", key=key)
            try:
                answer = await http.post("/api/cases", json=case, headers={"Idempotency-Key": key})
            except httpx.TransportError as error:
                self.history.note(CLIENT, "unknown", key=key, why=type(error).__name__)
            else:
                if answer.status_code == 201:
                    found = str(answer.json()["case_id"])
                    self.history.note(CLIENT, "ok", key=key, case=found)
                    return found
                again = answer.status_code >= 500 or answer.status_code in (409, 429)
                what = "unknown" if again else "fail"
                self.history.note(CLIENT, what, key=key, status=answer.status_code, said=answer.text[:300])
                if not again:
                    return None
            await asyncio.sleep(AGAIN * (1 + self.chance.random()))
        self.history.note(CLIENT, "gave_up", key=key)
        return None

    async def _look(self, stranger: httpx.AsyncClient, case: str) -> None:
        """Another system asks for a case that is not its own."""
        try:
            answer = await stranger.get(f"/api/cases/{case}")
        except httpx.TransportError:
            return
        self.history.note(READS, "stranger", case=case, status=answer.status_code)
