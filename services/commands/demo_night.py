"""The night of the newspaper article, played once with the real services on a clock of its own (story S1).

A migrant worker calls from the station late on the eve of the holiday; the agent sends it at once to the
brigade of the district where the employer is; whoever has the night is called, and the next one when nobody
answers; the brigade goes there in the morning, and before noon the money is paid and the worker told.
"""

import json
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import httpx

from services.commands.builders import BUILDERS
from services.commands.demo_story import AGENT, FIRST, OFFICER, UNIT, Clock, Stage, Told
from services.commands.installation import open_installation
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
from services.notifier.client import FileGateway

_DAY: Final = timedelta(days=1)


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
