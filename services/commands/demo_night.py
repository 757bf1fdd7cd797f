"""The night of the newspaper article, played once with the real services on a clock of its own (story S1).

A migrant worker calls from the station late on the eve of the holiday; the agent sends it at once to the
brigade of the district where the employer is; whoever has the night is called, and the next one when nobody
answers; the brigade goes there in the morning, and before noon the money is paid and the worker told.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from services.commands.installation import BUILDERS, open_installation
from services.commands.running import running
from services.commands.serve import uvicorn_loop
from services.domain.city import City
from services.domain.work_calendar import WorkCalendar
from services.kernel.health import Health
from services.kernel.identity import Access
from services.kernel.settings import Settings
from services.kernel.surroundings import Surroundings, real
from services.kernel.tokens import create_token, revoke_tokens
from services.kernel.web import create_app
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
_DAY: Final = timedelta(days=1)
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


def eve(calendar: WorkCalendar, today: date) -> date:
    """The last working day before the last holiday that has begun; a mere weekend is none."""
    day, weekday_off = today - timedelta(days=1), False
    while True:
        if calendar.is_workday(day):
            if weekday_off:
                return day
        else:
            weekday_off = day.weekday() < 5 or (weekday_off and not calendar.is_workday(day + _DAY))
        day -= _DAY


def once(settings: Settings) -> str:
    """The case of the night, played at the first start in this data folder."""
    if not settings.sms_url.startswith("file:///"):
        return ""  # nobody's real telephone is to ring for a story
    kept = settings.data_dir / "night.json"
    if kept.exists():
        return str(json.loads(kept.read_text("utf-8"))["case_id"])
    calendar = City.load(settings.city, settings.calendar).calendar
    evening = eve(calendar, real().now().astimezone(calendar.zone).date())
    told = uvicorn_loop(night(settings, evening))
    kept.write_text(json.dumps({"case_id": told.case_id}), "utf-8")
    return told.case_id


async def night(settings: Settings, evening: date) -> Told:
    """Play it in the stores of `settings`, on the evening of that day. SMS must go to the file gateway."""
    installation = open_installation(settings)
    clock = Clock(datetime.combine(evening, time(), installation.city.calendar.zone))
    steered = Surroundings(now=clock, random=real().random, steered=True)
    access = Access(installation.access_store, steered)
    installation = replace(installation, around=steered, access=access)
    services, health = installation.services(BUILDERS), Health()
    app = create_app(services, settings, access, steered, health=health)
    async with running(installation, services, health) as cells:
        app.state.cells = cells
        store, transport = installation.access_store, httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as http:
            keys = {
                AGENT: await create_token(store, AGENT, "supervisor", clock()),
                OFFICER: await create_token(store, OFFICER, "officer", clock(), [UNIT]),
            }
            try:
                phones = [installation.city.duty.by_number[one].e164 for one in (FIRST, OFFICER)]
                return await Stage(clock, http, keys, FileGateway(_sms(settings)), evening, phones).play()
            finally:
                for name in keys:
                    await revoke_tokens(store, name, clock())


def _sms(settings: Settings) -> Path:
    return Path(settings.sms_url.removeprefix("file:///"))


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
