"""What is left when a campaign waits for its end: all that is due, and nothing that is for later."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from services.commands.builders import BUILDERS
from tools.chaos.dumps import open_work
from tools.chaos.stack import Stack

NOW = datetime(2026, 9, 22, 9, 0, tzinfo=UTC)
BEFORE, LATER = "2026-09-22 08:59:59.000000", "2026-09-22 09:00:30.000000"


class Looked:
    """One database that stands for every service's."""

    def __init__(self, *deliveries: tuple[str, int, str, str | None]) -> None:
        self.database = sqlite3.connect(":memory:")
        self.database.executescript(
            "CREATE TABLE outbox (published_at); CREATE TABLE parked (id); CREATE TABLE intake_case (status);"
            "CREATE TABLE delivery (state, attempts, due_at, settled_at)"
        )
        self.database.executemany("INSERT INTO delivery VALUES (?, ?, ?, ?)", deliveries)

    async def select(self, _service: str, query: str) -> Sequence[Sequence[object]]:
        return self.database.execute(query).fetchall()


async def left(*deliveries: tuple[str, int, str, str | None]) -> int:
    found = await open_work(cast(Stack, Looked(*deliveries)), [], NOW)
    return found["deliveries"] // len(BUILDERS)


async def test_a_delivery_is_left_once_it_is_due_or_was_tried() -> None:
    tried, due, asked = ("pending", 1, LATER, None), ("pending", 0, BEFORE, None), ("unknown", 1, LATER, None)
    assert await left(tried, due, asked, ("sending", 1, BEFORE, None)) == 4


async def test_a_delivery_that_is_done_or_for_later_is_not_left() -> None:
    assert await left(("pending", 0, LATER, None), ("delivered", 1, BEFORE, BEFORE)) == 0
