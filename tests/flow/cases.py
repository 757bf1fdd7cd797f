"""Cases of all three destinations, and a client that posts each until it is answered."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence

import httpx

KINDS = ("wage_arrears", "job_assistance", "social_help")
AWAY = (502, 503, 504)  # come again


def body(number: int, districts: Sequence[str]) -> dict[str, object]:
    district = districts[number % len(districts)]
    return {
        "kind": KINDS[number % len(KINDS)],
        "channel": "phone",
        "text": f"第 {number} 件：工地欠薪三个月，请尽快处理。",
        "caller": {"name": "测试来电人", "phone": f"1390000{number:04d}", "residence_district": district},
        "employer": {"name": "测试建筑公司", "work_district": district},
        "urgent": number % 2 == 0,
    }


async def post(
    http: httpx.AsyncClient, key: str, case: dict[str, object], answers: Counter[str] | None = None
) -> str:
    """Post under the same key until it is answered; the case's id. `answers` counts what came."""
    while True:
        try:
            answer = await http.post("/api/cases", json=case, headers={"Idempotency-Key": key})
            came = str(answer.status_code)
        except httpx.TransportError as error:
            answer, came = None, type(error).__name__
        if answers is not None:
            answers[came] += 1
        if answer is not None:
            if answer.status_code == 201:
                return str(answer.json()["case_id"])
            assert answer.status_code in AWAY, answer.text
        await asyncio.sleep(0.05)


async def closed(http: httpx.AsyncClient, ids: Iterable[str]) -> set[str]:
    """Those of these cases that are closed; none while nobody can say."""
    found: set[str] = set()
    wanted = list(ids)
    for start in range(0, len(wanted), 200):
        try:
            answer = await http.post("/api/cases/progress", json={"case_ids": wanted[start : start + 200]})
        except httpx.TransportError:
            return set()
        if answer.status_code != 200:
            return set()
        found |= {str(one["case_id"]) for one in answer.json()["cases"] if one["status"] == "closed"}
    return found


async def all_closed(http: httpx.AsyncClient, ids: Sequence[str]) -> bool:
    return await closed(http, ids) == set(ids)
