"""What a process that died leaves behind: the gateway is asked, and nothing is doubled or lost."""

from pathlib import Path

from sqlalchemy import text

from services.kernel.sql import Sql
from tests.kernel.cells import until
from tests.notifier.bureau import EIGHT, NIGHT, bureau


async def test_a_crash_between_file_and_answer_is_asked_about_and_not_doubled(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await b.hear(b.received())
    # The process died after the gateway had the text and before the ledger heard of it.
    async with bureau(tmp_path) as b:
        await b.service.store.run(lambda tx: tx.run(Sql(text(
            "UPDATE delivery SET state = 'sending', settled_at = NULL, lease_until = due_at"
        ))))  # fmt: skip
        await b.forward(seconds=1)
        await until(lambda: b.deliveries()[0]["state"] == "unknown")
        await b.forward(minutes=6)
        await until(lambda: b.deliveries()[0]["state"] == "delivered")
        assert len(await b.texts()) == 1
        assert b.deliveries()[0]["attempts"] == 1


async def test_a_crash_before_the_file_is_asked_about_and_sent(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case))
        await b.service.store.run(lambda tx: tx.run(Sql(text(
            "UPDATE delivery SET state = 'sending', lease_until = created_at WHERE settled_at IS NULL"
        ))))  # fmt: skip
        b.clock.at = EIGHT
        await b.settled()
        await until(lambda: not b.rows("SELECT 1 FROM delivery WHERE state = 'sending'"))
        await b.forward(minutes=6)
        await until(lambda: not b.rows("SELECT 1 FROM delivery WHERE settled_at IS NULL"))
        assert len(await b.texts()) == 2
