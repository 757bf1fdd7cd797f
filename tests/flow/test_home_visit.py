"""Story S4 of the newspaper article, over real HTTP: a jobless man of fifty calls; some days later the
assistant of his neighbourhood comes to his home with vacancies, and a month later asks how it goes.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx

from services.commands.bench_installation import CITY
from services.commands.builders import BUILDERS
from services.commands.demo_story import Clock
from services.commands.installation import create_keyring, open_installation
from services.commands.migrate import databases
from services.commands.running import running
from services.commands.vacancies import FILE, put, read
from services.kernel.health import Health
from services.kernel.identity import Access
from services.kernel.settings import Settings
from services.kernel.surroundings import Surroundings, real
from services.kernel.tokens import create_token
from services.kernel.web import create_app
from services.simulators.run import serving
from tests.domain.nanjing_time import local, shown
from tests.places import Place

AGENT, ASSISTANT = "10543", "300401"
CALL: dict[str, object] = {
    "kind": "job_assistance", "channel": "phone",
    "text": "我今年五十岁，厂子关了以后一直找不到工作，最好能在附近找个保安或者仓库的活，晚上不能值班。",
    "caller": {"name": "陆建华", "phone": "13900000116", "residence": "南京市鼓楼区华侨路街道慈悲社9号"},
}  # fmt: skip


@dataclass
class Stage:
    """The whole system on a clock that the story turns, reached over HTTP by people with tokens."""

    clock: Clock
    http: httpx.AsyncClient
    keys: Mapping[str, str]

    async def get(self, who: str, path: str) -> dict[str, Any]:
        answer = await self.http.get(path, headers={"authorization": f"Bearer {self.keys[who]}"})
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def post(self, who: str, path: str, **body: object) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.keys[who]}", "idempotency-key": f"{path} {self.clock()}"}
        answer = await self.http.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def until(self, case: str, *events: str) -> list[dict[str, str]]:
        """The case's timeline, once it shows each of these so often."""
        async with asyncio.timeout(30):
            while True:
                timeline = (await self.get(AGENT, f"/api/cases/{case}"))["timeline"]
                if not Counter(events) - Counter(line["type"] for line in timeline):
                    return list(timeline)
                await asyncio.sleep(0.05)

    async def clocks_ended(self, case: str) -> None:
        """Wait for the router, which may wait a moment for company: no clock runs on while time jumps."""
        async with asyncio.timeout(30):
            while True:
                table = await self.get(AGENT, f"/api/cases/{case}/clocks")
                if all(one["ended_at"] for one in table["clocks"]):
                    return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def stage(place: Place) -> AsyncIterator[Stage]:
    settings = Settings.read(
        data_dir=place.folder, city=CITY, keyring=place.folder / "keyring.json",
        partners=place.folder / "partners.json", log_url=f"sqlite:///{place.folder}/log.db",
        store_url_pattern=place.pattern,
    )  # fmt: skip
    create_keyring(settings.keyring)
    for name, histories in databases():
        place.url(name, *histories)
    installation, clock = open_installation(settings), Clock(local("2026-09-21 10:00"))
    steered = Surroundings(now=clock, random=real().random, steered=True)
    installation = replace(installation, around=steered, access=Access(installation.access_store, steered))
    services, health = installation.services(BUILDERS), Health()
    app = create_app(services, settings, installation.access, steered, health=health)
    async with running(installation, services, health) as cells, serving(app) as url:
        app.state.cells = cells
        rows, _ = read(CITY / FILE, installation.city)
        await put(settings, rows)
        keys = {
            AGENT: await create_token(installation.access_store, AGENT, "supervisor", clock()),
            ASSISTANT: await create_token(
                installation.access_store, ASSISTANT, "officer", clock(), ["employment-gulou"]
            ),
        }
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
            yield Stage(clock, http, keys)


async def test_s4_the_assistant_comes_to_his_home_with_vacancies(place: Place) -> None:
    async with stage(place) as here:
        case = (await here.post(AGENT, "/api/cases", **CALL))["case_id"]
        await here.until(case, "TaskDelivered")
        [visit] = (await here.get(ASSISTANT, "/api/visits"))["unplanned"]
        path = f"/api/visits/{visit['task']}"
        assert (visit["who"], visit["street"], visit["assistant"]) == ("陆**", "华侨路街道", ASSISTANT)
        await here.post(ASSISTANT, f"/api/employment/tasks/{visit['task']}/identity", purpose="home_visit")
        opened = await here.get(ASSISTANT, path)
        assert [one["id"] for one in opened["vacancies"]] == ["NJ-0032", "NJ-0031"]
        begins = opened["free"][4]["begins"]
        assert shown(datetime.fromisoformat(begins)) == "2026-09-22 10:30"
        await here.post(ASSISTANT, f"{path}/bring", vacancies=["NJ-0031", "NJ-0032"])
        await here.post(ASSISTANT, f"{path}/plan", begins=begins)
        here.clock.at = local("2026-09-22 10:20")
        assert [one["task"] for one in (await here.get(ASSISTANT, "/api/visits"))["today"]] == [visit["task"]]
        here.clock.at = local("2026-09-22 11:10")
        await here.post(ASSISTANT, f"{path}/attempt", result="met", note="愿意去宁海路小学做门卫。")
        here.clock.at = local("2026-09-25 16:00")
        told = {"outcome": "placed", "summary": "已到宁海路小学做门卫，月薪三千二。"}
        await here.post(ASSISTANT, f"{path}/outcome", **told)
        await here.until(case, "CallerInformed", "CaseClosed")
        await here.clocks_ended(case)
        await _a_month_later(here, case, path)


async def _a_month_later(here: Stage, case: str, path: str) -> None:
    here.clock.at = local("2026-10-24 18:00")
    assert (await here.get(ASSISTANT, "/api/visits"))["follow_up"] == []
    here.clock.at = local("2026-10-26 09:00")  # the thirtieth day was a Sunday
    [due] = (await here.get(ASSISTANT, "/api/visits"))["follow_up"]
    assert due["outcome"] == "placed"
    await here.post(ASSISTANT, f"{path}/follow-up", result="settled", note="干得稳当。")
    assert (await here.get(ASSISTANT, "/api/visits"))["follow_up"] == []
    timeline = await here.until(case, *["TaskProgressed"] * 4)
    assert "DeadlineMissed" not in {line["type"] for line in timeline}
    assert (await here.get(AGENT, f"/api/cases/{case}"))["status"] == "closed"
    for line in timeline:
        print(f"{shown(datetime.fromisoformat(line['at']))}  {line['type']:16}  {line['text']}")
    said = [line["text"] for line in timeline if line["type"] in ("TaskProgressed", "OutcomeReported")]
    assert [text.rpartition("：")[2] for text in said] == [
        "已约定上门", "已上门", "已推荐岗位", "已就业", "已回访",
    ]  # fmt: skip
    assert timedelta(days=30) < here.clock.at - local("2026-09-25 16:00")
