"""A million open clocks: what is due next is found by an index, and so is everything else that is asked.

The plans are asserted; the times are printed (pytest -s; CLOCKS=1000000), because a machine may be busy.
"""

import os
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from statistics import median
from uuid import UUID

import pytest
from sqlalchemy import text

from services.kernel.database.sessions import Looking
from services.kernel.service import KERNEL
from services.router import clock_views, objections, recount
from services.router.clocks import look_up
from services.router.models import HISTORY
from services.router.signals import DUE_CLOCKS, fire, next_due
from tests.domain.nanjing_time import local
from tests.kernel.cells import Clock, Statement, statements_of
from tests.places import Place
from tests.router.office import Office, office

CLOCKS = int(os.environ.get("CLOCKS", "20000"))
COLUMNS = """id, case_id, clock, unit, state, amount, article, started_at, due, provisional, urgent, pauses,
    extensions, said, steps, told, missed_at, ended_at, next_at"""
KINDS = """'investigation', 'inspection-jiangning', CASE WHEN n % 97 = 0 THEN 'missed' ELSE 'running' END, 60,
    '劳动保障监察条例第十七条'"""
SQLITE = f"""INSERT INTO router_clock ({COLUMNS})
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {CLOCKS})
    SELECT printf('%032x', n), printf('%032x', n / 3), {KINDS}, '2026-09-21 02:00:00.000000',
      strftime('%Y-%m-%d %H:%M:%S.000000', '2026-09-22', '+' || (n * 7919 % 9000000) || ' seconds'),
      0, 0, '[]', '[]', CASE WHEN n % 89 = 0 THEN 0.5 ELSE 0 END, 0, 0, NULL, NULL,
      strftime('%Y-%m-%d %H:%M:%S.000000', '2026-09-22', '+' || (n * 7919 % 9000000) || ' seconds')
    FROM counted"""  # noqa: S608 (constants of this file)
POSTGRESQL = f"""INSERT INTO router_clock ({COLUMNS})
    SELECT lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n / 3), 32, '0')::uuid, {KINDS},
      timestamptz '2026-09-21 02:00Z', at, false, false, '[]', '[]', CASE WHEN n % 89 = 0 THEN 0.5 ELSE 0 END,
      0, false, NULL, NULL, at
    FROM (SELECT n, timestamptz '2026-09-22Z' + (n::bigint * 7919 % 9000000) * interval '1 second' AS at
      FROM generate_series(1, {CLOCKS}) n) made"""  # noqa: S608


@pytest.fixture
async def crowd(place: Place) -> AsyncIterator[Office]:
    """A router with so many open clocks, none of them due yet."""
    url = place.url("router", KERNEL, HISTORY)
    async with office(url=url, clock=Clock(local("2026-09-21 10:00"))) as router:
        connection = router.store.database._connection  # type: ignore[attr-defined]
        if place.kind == "sqlite":
            connection.execute(SQLITE)
            connection.execute("ANALYZE")
        else:
            await connection.execute(POSTGRESQL, timeout=300)
            await connection.execute("ANALYZE router_clock")
        yield router


async def plans(router: Office, statements: Sequence[str]) -> str:
    """How the database would run these, without looking at every row."""
    connection = router.store.database._connection  # type: ignore[attr-defined]
    if router.store.database.shared:
        found = [
            row[0]
            for one in statements
            for row in await connection.fetch(
                f"EXPLAIN {one}", *(one.values if isinstance(one, Statement) else ())
            )
        ]
    else:
        found = [row[3] for one in statements for row in connection.execute(f"EXPLAIN QUERY PLAN {one}")]
    return "\n".join(found)


def whole_table(plan: str) -> list[str]:
    """The steps of a plan that read all clocks."""
    return re.findall(r"SCAN router_clock(?! USING (?:COVERING )?INDEX)[^\n]*|Seq Scan on router_clock", plan)


async def test_what_is_due_is_found_by_the_index(crowd: Office) -> None:
    await crowd.hear(crowd.received())
    crowd.clock.at = local("2026-09-22 09:00")  # a handful is due
    with statements_of(crowd.store) as seen:
        assert await crowd.store.run(lambda tx: fire(tx, crowd.desk)) > 0
        await crowd.store.run(next_due)
        await crowd.store.run(lambda tx: look_up(tx, [UUID(int=5)]))
        await crowd.store.run(lambda tx: tx.all(recount._NEXT, after=UUID(int=9), most=500))
    looks = [one for one in seen if one.lstrip().startswith("SELECT") and "router_clock" in one]
    assert len(looks) >= 4
    plan = await plans(crowd, looks)
    assert "router_clock_due" in plan
    assert "router_clock_case" in plan
    assert whole_table(plan) == [], plan


@pytest.mark.parametrize(("which", "index"), [
    ("overdue", "router_clock_overdue"), ("approaching", "router_clock_near"),
])  # fmt: skip
async def test_the_lists_of_the_board_read_their_own_index(crowd: Office, which: str, index: str) -> None:
    condition = clock_views.LISTS[which]
    rows = f"FROM router_clock WHERE {condition}"
    lists = [f"SELECT id {rows} ORDER BY due, id LIMIT 51", f"SELECT count(*) {rows}"]
    plan = await plans(crowd, lists)
    assert plan.count(index) == 2, plan
    assert whole_table(plan) == [], plan


async def test_print_how_long_the_next_due_takes_to_find(crowd: Office, place: Place) -> None:
    def timed(work: Callable[[Looking], object]) -> Callable[[Looking], float]:
        def run(look: Looking) -> float:
            began = time.perf_counter()
            work(look)
            return time.perf_counter() - began

        return run

    now, since = local("2026-09-22 09:00"), datetime.min.replace(year=2026, tzinfo=crowd.clock.at.tzinfo)
    asked: dict[str, Callable[[Looking], object]] = {
        "next due": next_due,
        "a slice of what is due": lambda look: look.all(DUE_CLOCKS, now=now, most=200),
        "first page of overdue": lambda look: clock_views.listed(look, "overdue", 50),
        "bounces": lambda look: objections.by_unit(look, since),
    }
    print(f"\n{place.kind}, {CLOCKS:,} open clocks:")
    for name, work in asked.items():
        took = [1000 * await crowd.store.read(timed(work)) for _ in range(50)]
        print(f"  {name}: median {median(took):.2f} ms, 95 % {sorted(took)[47]:.2f} ms")
    await crowd.store.read(lambda look: look.execute(text("SELECT 1")))
