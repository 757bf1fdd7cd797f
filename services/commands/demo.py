"""`yikou demo` (= `make up`): everything on this machine, with people, partners and cases to look at.

The simulated brigades, centres, 122 desk and subscriber listen on a second loopback port and talk real HTTP
with us; nothing in the services knows that they are not real.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console
from rich.table import Table

from services.commands import vacancies
from services.commands.demo_night import once
from services.commands.demo_people import BY_HAND, PEOPLE, Secrets, people
from services.commands.feed_lines import check
from services.commands.feed_run import Pace, feed
from services.commands.installation import Installation, keyring_of
from services.commands.serve import listening, serve
from services.domain.city import City
from services.kernel import logs
from services.kernel.settings import Settings
from services.kernel.webhooks import new_secret
from services.simulators.behaviour import DEMO
from services.simulators.run import simulation

RATE: Final = 1.0  # sample cases per second
LOCAL: Final = ["127.0.0.0/8"]


def demo(settings: Settings) -> None:
    """Serve all services with company until Ctrl-C. The data folder is kept: the next start goes on."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    port = free_port(settings)
    prepare(settings, f"http://127.0.0.1:{port}")
    quiet = settings.model_copy(update={"log_level": "warning", "callback_allow": "127.0.0.0/8"})
    logs.configure(quiet.log_level)
    story = once(quiet)

    @asynccontextmanager
    async def company(installation: Installation, url: str) -> AsyncIterator[None]:
        ring, folder = installation.keyring, settings.data_dir
        async with AsyncExitStack() as stack:
            keys = {unit: ring.partner_secrets(unit) for unit in ring.partners}
            state = folder / "simulators.jsonl"
            await stack.enter_async_context(simulation(keys, url, port=port, pace=DEMO, state=state))
            rows, _ = vacancies.read(settings.city / vacancies.FILE, installation.city)
            await vacancies.put(settings, rows)
            made = await people(installation.access_store, installation.around, folder)
            welcome(url, made, story=story)
            feeding = asyncio.create_task(samples(settings.city, url, made.token), name="demo.samples")
            stack.callback(feeding.cancel)
            yield

    serve(["all"], quiet, company)


def prepare(settings: Settings, simulators: str) -> None:
    """Give every connected unit a secret, and point it at the simulators."""
    ring = keyring_of(settings)
    units = [unit.id for unit in City.load(settings.city).units if unit.id not in BY_HAND]
    for unit in units:
        if not ring.partner_secrets(unit):
            ring = ring.with_partner_secret(unit, new_secret(secrets.token_bytes))
    ring.dump(settings.keyring)
    entries = {unit: {"endpoint": f"{simulators}/{unit}", "allow": LOCAL} for unit in units}
    settings.partners.write_text(json.dumps(entries, indent=1), "utf-8")


def free_port(settings: Settings) -> int:
    with listening(settings.model_copy(update={"port": 0, "host": "127.0.0.1"})) as listener:
        port: int = listener.getsockname()[1]
    return port


async def samples(city: Path, url: str, token: str) -> None:
    """Feed the city's sample cases; the same keys at every start, so they are there once."""
    found = check(city / "samples.jsonl")
    districts = [district.code for district in City.load(city).districts]
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False) as http:
        await feed(http, found.read(districts), Pace(RATE, 2, patience=120.0, interval=5.0))


def welcome(url: str, made: Secrets, again: str = "make up", story: str = "") -> None:
    """Print the address, the accounts, and how to start it `again`. `story`: the case of the night."""
    table = Table(
        "账号 account", "密码 password", "身份 role", "从这里开始 start here", box=None, padding=(0, 2)
    )
    for person in PEOPLE:
        table.add_row(person.name, made.passwords[person.name], person.what, person.page)
    console = Console()
    console.print(f"\n一口受理 Yikou  {url}\n", style="bold", highlight=False)
    console.print(table)
    told = (f"夜间来电 a night {url}/desk/cases/{story}",) if story else ()
    for line in (*told, *_lines(url, made, again)):
        console.print(line, highlight=False, soft_wrap=True)


def _lines(url: str, made: Secrets, again: str) -> Sequence[str]:
    return (
        f"\n市民 citizens  {url}/report  {url}/track",
        f"短信 messages  {url}/sms (yunwei)",
        f"接口 API       export YIKOU_TOKEN={made.token}",
        f"停止 stop      Ctrl-C；再次 {again} 接着运行 / {again} again goes on where it was\n",
    )
