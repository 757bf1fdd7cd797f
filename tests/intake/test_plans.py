"""The plans that keep the check's cost independent of what was ever written down: no table is scanned."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event

from services.domain.events import CaseClosed
from services.intake.author import Author
from services.intake.check import known
from services.intake.desk import Desk
from services.intake.halfway import CheckIn, halfway
from services.kernel.roles import Principal
from services.kernel.store import Looking
from tests.intake.crowd import EMPLOYER, TEXT, Crowd, call, crowd
from tests.intake.hotline import CITY
from tests.kernel.cells import statements_of as written_by
from tests.places import Place

FIRST = 13851460000
AGENT = Principal("10543", "agent", "person", staff_number="10543")
MACHINE = Principal("bank", "machine", "machine")
HALF = CheckIn.model_validate({
    "text": TEXT, "caller": {"phone": str(FIRST)}, "employer": EMPLOYER | {"uscc": "91110000600037341L"},
})  # fmt: skip


@contextmanager
def statements_of(connection: Connection) -> Iterator[list[tuple[str, object]]]:
    seen: list[tuple[str, object]] = []

    def note(*args: object) -> None:
        seen.append((str(args[2]), args[3]))

    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


def plans(look: Looking, desk: Desk, who: Principal, kind: str) -> list[str]:
    """How the database finds what one check asks for, statement by statement."""
    half, connection = halfway(HALF, CITY, Author("agent")), look.connection()
    with statements_of(connection) as seen:
        known(look, desk, half, who, desk.scribe.around.now())
    assert len(seen) <= 5
    explain = "EXPLAIN QUERY PLAN " if kind == "sqlite" else "EXPLAIN "
    if kind == "postgresql":  # a table of few rows is scanned, unless that is forbidden
        connection.exec_driver_sql("SET enable_seqscan = off")
    return [
        str(row[-1])
        for statement, values in seen
        for row in connection.exec_driver_sql(explain + statement, values)  # type: ignore[arg-type]
    ]


async def filled(desk: Crowd) -> Desk:
    for n in range(3):
        await desk.write(call(FIRST + n))
    made = await desk.write(call(FIRST))
    closed = CaseClosed(case_id=made.case_id, at=desk.clock(), reason="told")
    await desk.store.run(lambda tx: tx.put(closed))
    return Desk(desk.store, desk.scribe)


@pytest.mark.parametrize("who", [AGENT, MACHINE], ids=["agent", "machine"])
async def test_a_check_scans_no_table(place: Place, who: Principal) -> None:
    async with crowd(place) as crowded:
        desk = await filled(crowded)
        found = await crowded.store.read(lambda look: plans(look, desk, who, place.kind))
    text = "\n".join(found)
    if place.kind == "sqlite":
        assert "SEARCH intake_case USING INDEX intake_case_phone" in text, text
        assert not re.search(r"SCAN intake_\w+", text), text
        assert not re.search(r"AUTOMATIC", text), text
        if who is AGENT:
            assert "COVERING INDEX intake_cluster_window" in text, text
    else:
        assert "Seq Scan on intake" not in text, text
        indexes = set(re.findall(r"(?:using|Index Scan on) (intake_\w+)", text))
        assert "intake_band_pkey" in indexes, text
        if who is AGENT:
            assert indexes >= {"intake_case_phone", "intake_case_uscc", "intake_case_employer"}, text


async def test_a_case_is_entered_with_few_statements_however_many_come_together(place: Place) -> None:
    async with crowd(place) as desk:
        await desk.write(call(FIRST))
        with written_by(desk.store) as statements:
            await desk.write_all([call(FIRST + n) for n in range(50)])
        counted = [one for one in statements if "count(" in one and "intake_cluster_case" in one]
        assert len(counted) <= 2  # one for each group
