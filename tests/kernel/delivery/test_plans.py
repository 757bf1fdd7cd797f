"""The plans that keep a claim's cost independent of what was ever delivered."""

import re
from collections.abc import Sequence

from sqlmodel import Session

from tests.kernel.cells import Statement, statements_of
from tests.kernel.delivery.desk import Desk

SQLITE = ("INDEX delivery_open", "INDEX delivery_watch", "(id=?)")
POSTGRESQL = {"delivery_open", "delivery_watch", "delivery_pkey"}


async def test_the_ledger_looks_only_at_open_rows(desk: Desk) -> None:
    await desk.open()
    with statements_of(desk.store) as statements:
        await desk.claim()
    looks = [
        one
        for one in statements
        if one.lstrip().startswith(("WITH RECURSIVE", "SELECT")) and "delivery" in one
    ]
    assert len(looks) == 2
    await (_by_sqlite if desk.place.kind == "sqlite" else _by_postgresql)(desk, looks)


async def _by_sqlite(desk: Desk, looks: Sequence[str]) -> None:
    def explain(session: Session) -> list[str]:
        return [
            row[3]
            for one in looks
            for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {one}")
        ]

    plans = await desk.store.read(explain)
    reads = [plan for plan in plans if plan.startswith(("SEARCH", "SCAN")) and "delivery" in plan]
    assert reads
    assert all(any(words in plan for words in SQLITE) for plan in reads), reads


async def _by_postgresql(desk: Desk, looks: Sequence[str]) -> None:
    """A table of one row is scanned, unless that is forbidden: then only what no index serves still is."""
    connection = desk.store.database._connection  # type: ignore[attr-defined]
    await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    for look in looks:
        assert isinstance(look, Statement)
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {look}", *look.values))
        assert "Seq Scan on delivery" not in plan, plan
        indexes = set(re.findall(r"Index (?:Only )?Scan (?:Backward )?using (delivery\w*)", plan))
        assert indexes, plan
        assert indexes <= POSTGRESQL, plan
