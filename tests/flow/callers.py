"""Callers who go on calling while the system breaks: each until it is answered, always under the same key."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from services.domain.city import City
from tests.flow.node import CITY


def body(number: int, districts: Sequence[str]) -> dict[str, object]:
    district = districts[number % len(districts)]
    kind = ("wage_arrears", "job_assistance", "social_help")[number % 3]
    return {
        "kind": kind,
        "channel": "phone",
        "text": f"第 {number} 件：工地欠薪三个月，请尽快处理。",
        "caller": {"name": "测试来电人", "phone": f"1390000{number:04d}", "residence_district": district},
        "employer": {"name": "测试建筑公司", "work_district": district},
        "urgent": number % 2 == 0,
    }


async def post(http: httpx.AsyncClient, number: int, case: dict[str, object]) -> str:
    """Post until it is answered, always under the same key; the case's id."""
    while True:
        try:
            answer = await http.post("/api/cases", json=case, headers={"Idempotency-Key": f"call-{number}"})
            if answer.status_code == 201:
                return str(answer.json()["case_id"])
            assert answer.status_code in (502, 503), answer.text
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)


async def all_closed(http: httpx.AsyncClient, ids: Sequence[str]) -> bool:
    try:
        found = await http.post("/api/cases/progress", json={"case_ids": list(ids)})
    except httpx.TransportError:
        return False
    return found.status_code == 200 and all(one["status"] == "closed" for one in found.json()["cases"])


class Callers:
    """`ids` of the cases that were answered, in the order of the answers."""

    def __init__(self, http: httpx.AsyncClient, cases: int) -> None:
        self.http, self.cases, self.ids = http, cases, list[str]()
        self._districts = [district.code for district in City.load(CITY).districts]
        self._lanes = asyncio.Semaphore(8)

    async def call(self) -> None:
        await asyncio.gather(*(self._one(number) for number in range(self.cases)))

    async def _one(self, number: int) -> None:
        async with self._lanes:
            self.ids.append(await post(self.http, number, body(number, self._districts)))

    async def answered(self, number: int) -> None:
        while len(self.ids) < number:  # noqa: ASYNC110 (answers are counted, not announced)
            await asyncio.sleep(0.005)

    async def all_closed(self, within: float) -> None:
        """Until every case is closed; `within` seconds."""
        async with asyncio.timeout(within):
            while not await all_closed(self.http, self.ids):  # noqa: ASYNC110 (asked, not told)
                await asyncio.sleep(0.2)


@asynccontextmanager
async def callers(url: str, key: str, cases: int) -> AsyncIterator[Callers]:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=20, trust_env=False) as http:
        yield Callers(http, cases)
