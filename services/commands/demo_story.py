"""The story of the night, step by step over HTTP: as the agent, the officers and whoever has the link."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import httpx

from services.notifier.client import FileGateway, Text

UNIT: Final = "inspection-xuanwu"  # works on the worklist, so that the story needs no other system
AGENT, FIRST, OFFICER = "10543", "200101", "200102"
CALL: Final[dict[str, object]] = {
    "kind": "wage_arrears", "report_type": "complaint", "channel": "phone", "urgent": True,
    "text": "来电人在南京站，是工地木工，干了四个月没有拿到工资，一起的还有五个人，明天放假就没钱回家。"
            "用人单位项目部在玄武区，今天下午还在。",
    "caller": {"name": "赵某", "phone": "13900009991"},
    "employer": {"name": "某建筑劳务公司", "work_address": "玄武区龙蟠路", "work_district": "320102"},
    "amount_owed": 84000, "workers_affected": 6,
}  # fmt: skip
_LINK: Final = re.compile(r"https?://\S+/duty/[0-9a-f]{20}")
PATIENCE: Final = 30.0  # real seconds for one step of the story


class Clock:
    """The night's own clock: it stands until the story goes on."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Line:
    at: datetime
    type: str
    text: str


@dataclass(frozen=True)
class Told:
    """What the night leaves behind. `timeline`, `clocks`: as the API shows them; `texts`: newest first."""

    case_id: str
    timeline: Sequence[Line]
    clocks: Sequence[dict[str, str]]
    texts: Sequence[Text]
    minutes_to_remedy: int


@dataclass
class Stage:
    """Where it is played: over HTTP, as the agent, the officer and whoever has the link."""

    clock: Clock
    http: httpx.AsyncClient
    keys: Mapping[str, str]
    gateway: FileGateway
    evening: date
    phones: Sequence[str]
    case_id: str = ""

    async def play(self) -> Told:
        self._at("22:40")
        answer = await self._post(AGENT, "/api/cases", CALL, key=f"night-{self.evening}")
        self.case_id = answer["case_id"]
        await self._until("TaskDelivered", "StaffAlerted")  # the first officer, who does not answer
        await self._text_to(self.phones[0])
        self._at("22:45")
        await self._until("StaffAlerted", times=2)
        await self._until("DeadlineApproaching")
        link = _LINK.findall(await self._text_to(self.phones[1]))[-1]
        self._at("22:47")
        (await self.http.post(link, headers={"accept": "text/html"})).raise_for_status()
        await self._until("AlertAcknowledged", "DeadlineMet")
        task = await self._morning()
        told = {"outcome": "paid", "amount_recovered": 84000, "summary": "项目部已付清六人四个月的工资。"}
        self._at("11:20", days=1)
        await self._post(OFFICER, f"/api/inspection/tasks/{task}/complete", told)
        await self._until("CaseClosed")
        return await self._told()

    async def _morning(self) -> str:
        self._at("08:10", days=1)
        waiting = await self._get(OFFICER, "/api/inspection/tasks?list=waiting&limit=200")
        (task,) = (one["task"] for one in waiting["tasks"] if one["case_id"] == self.case_id)
        await self._post(OFFICER, f"/api/inspection/tasks/{task}/accept", {})
        await self._until("TaskAccepted")
        self._at("09:00", days=1)
        await self._post(OFFICER, f"/api/inspection/tasks/{task}/progress", {"step": "site_visit"})
        await self._until("TaskProgressed")
        return str(task)

    async def _told(self) -> Told:
        case = await self._get(AGENT, f"/api/cases/{self.case_id}")
        table = await self._table()
        lines = [Line(datetime.fromisoformat(x["at"]), x["type"], x["text"]) for x in case["timeline"]]
        texts = await self.gateway.newest(20)
        return Told(self.case_id, lines, table["clocks"], texts or (), table["minutes_to_remedy"])

    async def _table(self) -> dict[str, Any]:
        """The clocks, once all have ended: the router may wait a moment for company."""
        async with asyncio.timeout(PATIENCE):
            while True:
                table = await self._get(AGENT, f"/api/cases/{self.case_id}/clocks")
                if all(one["ended_at"] for one in table["clocks"]):
                    return table
                await asyncio.sleep(0.05)

    async def _text_to(self, phone: str) -> str:
        """The newest text message to this telephone. What is under way when the clock jumps would be lost."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for text in await self.gateway.newest(20) or ():
                    if text.to == phone and text.at.date() == self.evening:
                        return text.text
                await asyncio.sleep(0.05)

    async def _until(self, *events: str, times: int = 1) -> None:
        """Wait until the case's timeline shows each of these so often."""
        async with asyncio.timeout(PATIENCE):
            while True:
                case = await self._get(AGENT, f"/api/cases/{self.case_id}")
                seen = Counter(line["type"] for line in case["timeline"])
                if all(seen[event] >= times for event in events):
                    return
                await asyncio.sleep(0.05)

    def _at(self, clock: str, days: int = 0) -> None:
        day, zone = self.evening + timedelta(days=days), self.clock.at.tzinfo
        self.clock.at = datetime.combine(day, time.fromisoformat(clock), zone)

    async def _get(self, who: str, path: str) -> dict[str, Any]:
        return _read(await self.http.get(path, headers={"authorization": f"Bearer {self.keys[who]}"}))

    async def _post(self, who: str, path: str, body: Mapping[str, object], key: str = "") -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.keys[who]}"} | ({"idempotency-key": key} if key else {})
        return _read(await self.http.post(path, json=body, headers=headers))


def _read(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.raise_for_status().json()
    return found
