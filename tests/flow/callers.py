"""Callers who go on calling while the system breaks: each until it is answered, always under the same key."""

import asyncio
from collections.abc import Sequence

import httpx


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
