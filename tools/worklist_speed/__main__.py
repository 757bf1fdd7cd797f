"""Fills a desk with open tasks and measures its worklist, on SQLite and PostgreSQL:

    python -m tools.worklist_speed [--open 10000] [--finished 100000] [--asks 200] [--only sqlite|postgresql]

For each reader and list: what the database is asked for one page and its counts (wall and this process's
CPU), the same for the whole page over HTTP in this process, and how the database finds it.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

import asyncpg
import httpx
from sqlalchemy import event

from services.domain.city import City
from services.domain.sealing import Keyring
from services.inspection_adapter.service import NAME, build
from services.kernel.access_store import AccessStore
from services.kernel.accounts import add_account
from services.kernel.database.migration import migrate
from services.kernel.identity import Access
from services.kernel.partners import Partners
from services.kernel.parts import Parts
from services.kernel.service import KERNEL, Service
from services.kernel.settings import Settings
from services.kernel.store import Looking
from services.kernel.surroundings import real
from services.kernel.tasks.tables import HISTORY
from services.kernel.tasks.worklist import Page, Scope, Tab, counts, tasks
from services.kernel.web import create_app
from tools.real.postgres import NoPostgres, Postgres
from tools.worklist_speed.filling import fill

CITY: Final = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
UNITS: Final = [unit.id for unit in CITY.units if unit.service == "inspection" and unit.districts]
PASSWORD: Final = "correct horse battery 7"  # noqa: S105 - of a store that is thrown away
HERE: Final = "http://127.0.0.1:8080"
SCOPES: Final[Sequence[tuple[str, Scope]]] = (
    ("officer of 1 unit", UNITS[:1]), ("officer of 3 units", UNITS[:3]), ("supervisor", None)
)  # fmt: skip


def look(session: Looking, tab: Tab, scope: Scope, after: str | None = None) -> Page:
    """What the page asks for."""
    page = tasks(session, tab, scope, after=after)
    counts(session, scope)
    return page


async def measure(kind: str, folder: Path, pattern: str, numbers: tuple[int, int], asks: int) -> None:
    around, keyring = real(), Keyring.create(random.Random(1).randbytes)
    settings = Settings.read(data_dir=folder, store_url_pattern=pattern, public_url=HERE)
    people = AccessStore(f"sqlite:///{folder}/access-{around.new_id()}.db")
    access = Access(people, around)
    service = build(Parts(settings, around, keyring, CITY, Partners(), access))
    async with AsyncExitStack() as running:
        for start, close in ((people.start, people.close), (service.store.start, service.store.close)):
            await start()
            running.push_async_callback(close)
        await fill(service.store, keyring, UNITS, numbers, around)
        if kind == "postgresql":
            await _analyze(settings.store_url(NAME))
        print(f"{kind}: {numbers[0]:,} open and {numbers[1]:,} finished tasks", flush=True)
        await _queries(service, asks)
        app = create_app([service], settings, access, around)
        for name, scope in SCOPES:
            who = name.replace(" ", "-")
            role = "supervisor" if scope is None else "officer"
            await add_account(people, who, PASSWORD, role, around.now(), units=tuple(scope or ()))
            transport = httpx.ASGITransport(app, client=("10.1.2.3", 40000))
            async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
                await http.post("/signin", data={"name": who, "password": PASSWORD})
                await _shown(f"page, {name}", partial(_get, http), min(asks, 40))
        await _plans(service)


async def _get(http: httpx.AsyncClient) -> None:
    answer = await http.get("/inspection")
    if answer.status_code != 200 or "<table" not in answer.text:
        raise SystemExit(f"{answer.status_code}: {answer.text[:300]}")


async def _queries(service: Service, asks: int) -> None:
    for name, scope in SCOPES:
        for tab in Tab:
            ask = partial(service.store.read, partial(look, tab=tab, scope=scope))
            await _shown(f"query, {name}, {tab}", ask, asks)
        first = await service.store.read(partial(look, tab=Tab.WAITING, scope=scope))
        if first.next:
            ask = partial(service.store.read, partial(look, tab=Tab.WAITING, scope=scope, after=first.next))
            await _shown(f"query, {name}, waiting, second page", ask, asks)


async def _shown(name: str, ask: Callable[[], Awaitable[object]], asks: int) -> None:
    """p50 and p95 in milliseconds of wall time, and of this process's CPU."""
    walls, cpus = [], []
    for _ in range(5):
        await ask()
    for _ in range(asks):
        wall, cpu = time.perf_counter(), time.process_time()
        await ask()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    figures = (cut for taken in (walls, cpus) for cut in _cuts(taken))
    print(
        "  {:<44} wall p50 {:6.1f} p95 {:6.1f}   CPU p50 {:6.1f} p95 {:6.1f} ms".format(name, *figures),
        flush=True,
    )


def _cuts(taken: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(taken, n=20)
    return cuts[9], cuts[18]


async def _plans(service: Service) -> None:
    for name, scope in SCOPES:
        for tab in (Tab.WAITING, Tab.DONE):
            print(f"  -- {name}, {tab}")
            for line in await service.store.read(partial(explained, tab=tab, scope=scope)):
                print(f"    {line}")


def explained(session: Looking, tab: Tab, scope: Scope) -> list[str]:
    connection = session.connection()
    seen: list[tuple[str, object]] = []

    def note(*args: object) -> None:
        seen.append((str(args[2]), args[3]))

    event.listen(connection, "before_cursor_execute", note)
    look(session, tab, scope)
    event.remove(connection, "before_cursor_execute", note)
    sqlite = connection.dialect.name == "sqlite"
    how = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN (ANALYZE, COSTS off) "
    return [
        str(row[-1])
        for statement, values in seen
        for row in connection.exec_driver_sql(how + statement, values)  # type: ignore[arg-type]
    ]


async def _analyze(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _on_postgres(folder: Path, numbers: tuple[int, int], asks: int) -> None:
    try:
        with Postgres(Path(tempfile.mkdtemp(prefix="postgres-"))) as server:
            connection = await asyncpg.connect(server.url())
            await connection.execute(f"CREATE DATABASE measure_{NAME}")
            await connection.close()
            await migrate(server.url(f"measure_{NAME}"), (KERNEL, HISTORY))
            await measure("postgresql", folder, server.url("measure_{service}"), numbers, asks)
    except NoPostgres as why:
        raise SystemExit(str(why)) from None


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tools.worklist_speed", description="Measure a worklist.")
    asked.add_argument("--open", type=int, default=10_000)
    asked.add_argument("--finished", type=int, default=100_000)
    asked.add_argument("--asks", type=int, default=200)
    asked.add_argument("--only", choices=("sqlite", "postgresql"))
    given = asked.parse_args()
    numbers = (given.open, given.finished)
    with tempfile.TemporaryDirectory() as name:
        if given.only != "postgresql":
            pattern = f"sqlite:///{name}/{{service}}.db"
            asyncio.run(measure("sqlite", Path(name), pattern, numbers, given.asks))
        if given.only != "sqlite":
            asyncio.run(_on_postgres(Path(name), numbers, given.asks))


if __name__ == "__main__":
    main()
