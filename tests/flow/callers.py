"""Callers who go on calling while the system breaks: each until it is answered, always under the same key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from services.domain.city import City
from tests.flow.cases import all_closed, body, post
from tests.flow.node import CITY


class Callers:
    """`ids` of the cases that were answered, in the order of the answers. `pause`: seconds between two calls
    on each of eight lines."""

    def __init__(self, http: httpx.AsyncClient, cases: int, pause: float) -> None:
        self.http, self.cases, self.pause, self.ids = http, cases, pause, list[str]()
        self._districts = [district.code for district in City.load(CITY).districts]
        self._lanes = asyncio.Semaphore(8)

    async def call(self) -> None:
        await asyncio.gather(*(self._one(number) for number in range(self.cases)))

    async def _one(self, number: int) -> None:
        async with self._lanes:
            self.ids.append(await post(self.http, f"call-{number}", body(number, self._districts)))
            await asyncio.sleep(self.pause)

    async def answered(self, number: int) -> None:
        while len(self.ids) < number:  # noqa: ASYNC110 (answers are counted, not announced)
            await asyncio.sleep(0.005)

    async def all_closed(self, within: float) -> None:
        """Until every case is closed; `within` seconds."""
        async with asyncio.timeout(within):
            while not await all_closed(self.http, self.ids):  # noqa: ASYNC110 (asked, not told)
                await asyncio.sleep(0.2)


@asynccontextmanager
async def callers(url: str, key: str, cases: int, pause: float = 0.0) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20, trust_env=False) as http:
        yield Callers(http, cases, pause)
