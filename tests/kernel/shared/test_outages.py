"""A server that breaks under load: no acknowledged write is lost, nothing doubled, soon all flows again."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.kernel.database.errors import Passing
from services.kernel.database.postgres_link import connect
from services.kernel.service import KERNEL
from services.kernel.store import Looking
from tests.conftest import MissingPart, own_server
from tests.databases import Databases
from tests.kernel.cells import HEARD, heard, store_at, surroundings
from tests.kernel.shared.load import load
from tests.kernel.shared.proxy import proxy_to
from tests.places import Server

FLOWING = 15.0  # seconds; five on a machine with nothing else to do
END_ALL = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"""


@pytest.fixture(scope="module")
def mortal(missing_part: MissingPart) -> Iterator[Databases]:
    """A server that keeps what it acknowledged when it is killed."""
    with own_server(missing_part, durable=True) as databases:
        yield databases


@pytest.fixture
def server(mortal: Databases, tmp_path: Path) -> Iterator[Server]:
    server = Server(mortal, tmp_path)
    yield server
    server.close()


async def test_connections_ended_by_the_administrator_lose_and_double_nothing(server: Server) -> None:
    async with load(server) as run:
        for _ in range(12):
            await asyncio.sleep(0.1)
            await asyncio.to_thread(server.databases.run, "postgres", END_ALL)
        await run.goes_on()
    print(f"\n12 times all connections ended: {run.said()}")
    run.check()


async def test_a_server_killed_twice_loses_and_doubles_nothing_and_all_flows_again(server: Server) -> None:
    postgres = server.databases.server
    flowing = []
    async with load(server) as run:
        for _ in range(2):
            await asyncio.sleep(0.5)
            postgres.kill()
            await asyncio.sleep(1.0)
            began = time.monotonic()
            postgres.start()
            await asyncio.to_thread(postgres.wait)
            await run.goes_on()
            flowing.append(time.monotonic() - began)
    print(f"\nserver killed twice: flowing {[round(s, 1) for s in flowing]} s after each start; {run.said()}")
    run.check()
    assert max(flowing) < FLOWING


async def test_a_network_that_swallows_everything_is_noticed_and_what_it_held_is_freed(
    server: Server,
) -> None:
    server.url("desk", KERNEL, HEARD)
    async with (
        proxy_to(server.databases.server.port) as proxy,
        load(server, server.by_way_of(proxy.port)) as run,
    ):
        await asyncio.sleep(0.5)
        proxy.freeze()
        flowing = await run.goes_on()
    print(f"\nnetwork swallowed: flowing after {flowing:.1f} s; {run.said()}")
    run.check()
    assert flowing < 30


async def test_a_reader_is_told_to_come_again_while_the_server_is_away_and_reads_when_it_is_back(
    server: Server,
) -> None:
    store = store_at(server, "desk", surroundings())
    await store.start()
    await heard(store)
    server.databases.server.kill()
    with pytest.raises(Passing):
        await heard(store)
    server.databases.server.start()
    await asyncio.to_thread(server.databases.server.wait)
    for _ in range(8):  # each connection of the pool was lost
        assert await heard(store) == []
    await store.close()


async def test_a_reader_whose_connection_is_ended_in_the_middle_reads_on_another(server: Server) -> None:
    store = store_at(server, "desk", surroundings())
    await store.start()
    seen: list[int] = []

    def look(session: Looking) -> int:
        seen.append(session.scalar(text("SELECT pg_backend_pid()")))
        if len(seen) == 1:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return seen[-1]

    assert await store.read(look) == seen[1] != seen[0]
    await store.close()


async def test_the_server_asks_silent_sessions_within_seconds_whether_they_live(server: Server) -> None:
    connection = await connect(server.url("desk"), "desk")
    asked = [
        await connection.fetchval(f"SHOW tcp_keepalives_{name}") for name in ("idle", "interval", "count")
    ]
    assert asked == ["10", "5", "3"]
    await connection.close()


async def test_a_young_table_is_looked_into_by_its_keys(server: Server) -> None:
    connection = await connect(server.url("desk"), "desk")
    await connection.execute("CREATE TABLE young (id uuid PRIMARY KEY, record text)")
    await connection.execute(
        "INSERT INTO young SELECT gen_random_uuid(), repeat('x', 1500) FROM generate_series(1, 300)"
    )
    few = await connection.fetchval("SELECT array_agg(id) FROM (SELECT id FROM young LIMIT 60) AS few")
    change = "UPDATE young SET record = 'y' FROM unnest($1::uuid[]) AS given(id) WHERE young.id = given.id"
    plan = await connection.fetch(f"EXPLAIN {change}", few)
    await connection.close()
    assert any("young_pkey" in line[0] for line in plan), plan
