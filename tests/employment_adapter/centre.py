"""An employment centre with a job seeker's case: the assistant's desk by its API, on a steered calendar."""

import json
from datetime import datetime

import httpx
from sqlmodel import col, select

from services.employment_adapter.models import Visit
from tests.kernel.tasks.kinds import KINDS, RECORD, Kind
from tests.kernel.tasks.town import Town

EMPLOYMENT: Kind = next(kind for kind in KINDS if kind.service == "employment")
NINGHAI, HUAQIAO, JIANGDONG = "320106001", "320106002", "320106006"  # streets of Gulou
SEEKER = {
    **RECORD, "kind": "job_assistance", "report_type": None,
    "text": "我今年五十岁，想在附近找个保安或者仓库的活，三千以上，晚上不能值班。",
    "caller": {"name": "陆建华", "phone": "+8613900000116", "residence": "鼓楼区宁海路街道颐和路9号"},
}  # fmt: skip
PAGE = {"accept": "text/html"}


async def visits(here: Town) -> list[Visit]:
    return await here.service.store.read(
        lambda session: list(session.scalars(select(Visit).order_by(col(Visit.task))))
    )


async def seeker(here: Town, street: str | None = NINGHAI, **fields: object) -> str:
    """A job seeker's case has come; the key of its task."""
    known = {task.key for task in await here.tasks()}
    event = here.routed(**{"open_record": SEEKER, "street": street, **fields})
    await here.say(event)
    while True:
        new = [task.key for task in await here.tasks() if task.key not in known]
        if new:
            return new[0]


class Assistant:
    """Somebody at the desk, by the API."""

    def __init__(self, here: Town, headers: dict[str, str]) -> None:
        self.here, self.headers = here, headers

    async def get(self, path: str = "") -> httpx.Response:
        return await self.here.http.get(f"/api/visits{path}", headers=self.headers)

    async def enter(self, key: str, entry: str, once: str = "", **said: object) -> httpx.Response:
        headers = self.headers | ({"idempotency-key": once} if once else {})
        return await self.here.http.post(f"/api/visits/{key}/{entry}", headers=headers, json=said)

    async def free(self, key: str) -> list[datetime]:
        shown = (await self.get(f"/{key}")).json()
        return [datetime.fromisoformat(one["begins"]) for one in shown["free"]]

    async def plan(self, key: str, slot: int = 0) -> httpx.Response:
        begins = (await self.free(key))[slot]
        return await self.enter(key, "plan", begins=begins.isoformat())

    async def tried(self, key: str, *results: str) -> list[int]:
        return [(await self.enter(key, "attempt", result=result)).status_code for result in results]


async def assistant(here: Town, number: str = "300401", unit: str = "employment-gulou") -> Assistant:
    return Assistant(here, await here.officer(units=[unit], name=number))


def told(response: httpx.Response) -> tuple[int, str]:
    """Status and problem type."""
    return response.status_code, str(json.loads(response.text).get("type", "")).rpartition("/")[2]
