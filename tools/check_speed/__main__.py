"""Fills a store with synthetic cases and measures POST /api/intake/check, on SQLite and PostgreSQL:

    python -m tools.check_speed [--cases 200000] [--asks 1000] [--only sqlite|postgresql] [--folder FOLDER]

Prints p50, p95 and p99 of the whole request in this process (no socket), the CPU that it took here, and the
plans of one check. With --folder the filled store stays there and is used again.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from itertools import islice
from pathlib import Path
from typing import Final

import asyncpg
import httpx
from sqlalchemy import select

from services.domain.city import City
from services.domain.sealing import Keyring
from services.intake.models import HISTORY, CaseRow
from services.intake.service import build
from services.kernel.access_store import AccessStore
from services.kernel.columns import table
from services.kernel.database.migration import migrate
from services.kernel.identity import Access
from services.kernel.partners import Partners
from services.kernel.parts import Parts
from services.kernel.service import KERNEL, Service
from services.kernel.settings import Settings
from services.kernel.sql import Sql
from services.kernel.surroundings import real
from services.kernel.tokens import create_token
from services.kernel.web import create_app
from tools.check_speed.cases import half_filled
from tools.check_speed.filling import fill
from tools.check_speed.plans import plans
from tools.real.postgres import NoPostgres, Postgres

_ANY: Final = Sql(select(table(CaseRow).c.case_id).limit(1))
CITY: Final = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")


async def measure(kind: str, folder: Path, pattern: str, number: int, asks: int) -> None:
    around, keyring = real(), Keyring.create(random.Random(1).randbytes)
    settings = Settings.read(data_dir=folder, store_url_pattern=pattern)
    people = AccessStore(f"sqlite:///{folder}/access-{around.new_id()}.db")
    access = Access(people, around)
    service = build(Parts(settings, around, keyring, CITY, Partners(), access))
    service.store.hearing = service.handlers
    async with AsyncExitStack() as running:
        for start, close in ((people.start, people.close), (service.store.start, service.store.close)):
            await start()
            running.push_async_callback(close)
        if not await service.store.read(lambda look: look.one(_ANY)):
            seconds = await fill(service.store, CITY, keyring, number, around.now())
            print(f"{kind}: {number:,} cases written in {seconds:.0f} s", flush=True)
            if kind == "postgresql":
                await _analyze(settings.store_url("intake"))
        token = await create_token(people, "agent", "agent", around.now())
        app = create_app([service], settings, access, around)
        transport = httpx.ASGITransport(app, client=("10.1.2.3", 40000))
        http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080")
        client = await running.enter_async_context(http)
        client.headers["authorization"] = f"Bearer {token}"
        await _ask(client, 50)
        _report(kind, number, *await _ask(client, asks))
        await _show_plans(service, keyring)


async def _ask(client: httpx.AsyncClient, asks: int) -> tuple[list[float], float]:
    """The milliseconds of each request, one after the other; and of CPU, on average."""
    taken, cpu = [], time.process_time()
    for form in islice(half_filled(CITY), asks):
        body = form.model_dump_json(exclude_none=True)
        began = time.perf_counter()
        answer = await client.post(
            "/api/intake/check", content=body, headers={"content-type": "application/json"}
        )
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise SystemExit(answer.text)
    return taken, (time.process_time() - cpu) * 1000 / asks


def _report(kind: str, number: int, taken: Sequence[float], cpu: float) -> None:
    cuts = statistics.quantiles(taken, n=100)
    print(
        f"{kind}: check with {number:,} cases, {len(taken)} half-filled forms: "
        f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms, max {max(taken):.1f} ms, "
        f"CPU {cpu:.1f} ms",
        flush=True,
    )


async def _show_plans(service: Service, keyring: Keyring) -> None:
    form = next(form for form in half_filled(CITY, seed=3) if form.text and form.employer.name)
    for line in await service.store.read(lambda look: plans(look, service.store, CITY, keyring, form)):
        print(f"    {line}")


async def _analyze(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tools.check_speed", description="Measure the check.")
    asked.add_argument("--cases", type=int, default=200_000)
    asked.add_argument("--asks", type=int, default=1000)
    asked.add_argument("--only", choices=("sqlite", "postgresql"))
    asked.add_argument("--folder", type=Path)
    given = asked.parse_args()
    with ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        if given.only != "postgresql":
            pattern = f"sqlite:///{folder}/{{service}}.db"
            asyncio.run(measure("sqlite", folder, pattern, given.cases, given.asks))
        if given.only != "sqlite":
            try:
                place = (
                    given.folder / "postgres" if given.folder else Path(tempfile.mkdtemp(prefix="postgres-"))
                )
                server = stack.enter_context(Postgres(place, kept=given.folder is not None))
            except NoPostgres as why:
                raise SystemExit(str(why)) from None
            asyncio.run(_make(server))
            pattern = server.url("measure_{service}")
            asyncio.run(measure("postgresql", folder, pattern, given.cases, given.asks))


async def _make(server: Postgres) -> None:
    connection = await asyncpg.connect(server.url())
    if not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = 'measure_intake'"):
        await connection.execute("CREATE DATABASE measure_intake")
    await connection.close()
    await migrate(server.url("measure_intake"), (KERNEL, HISTORY))


if __name__ == "__main__":
    main()
