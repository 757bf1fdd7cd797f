"""Processes that write the same cases by turns and are killed: the log has every event, in order."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from services.kernel.eventlog import Record
from services.kernel.eventlog_sqlite import SqliteEventLog
from services.kernel.service import KERNEL
from tests.kernel.cells import HEARD, until
from tests.kernel.shared.conftest import Join
from tests.kernel.shared.load import CASES, Load
from tests.kernel.shared.test_relay import relaying
from tests.places import Folder, Server

ROOT = Path(__file__).resolve().parents[3]
Start = Callable[[int], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(server: Server, tmp_path: Path) -> Iterator[Start]:
    """Starts a teller; what it had acknowledged stands in <seed>.said."""
    running: list[subprocess.Popen[bytes]] = []
    url = server.url("desk", KERNEL, HEARD)

    def started(seed: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.kernel.shared.teller", url, f"{tmp_path}/log.db", str(seed)]
        with (tmp_path / f"{seed}.said").open("wb") as said:
            running.append(subprocess.Popen(command, cwd=ROOT, stdout=said))
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.wait()


def records(folder: Path) -> list[Record]:
    query = "SELECT id, case_id, seq FROM record ORDER BY offset"
    rows = Folder(folder).rows("log", query)
    return [Record(str(id), "", "desk", UUID(str(case)), int(str(seq)), "", b"") for id, case, seq in rows]


async def test_a_case_keeps_its_order_when_one_of_two_writing_processes_is_killed(
    server: Server, start: Start, join: Join, tmp_path: Path
) -> None:
    def written() -> int:
        return int(str(server.rows("desk", "SELECT count(*) FROM outbox")[0][0]))

    def newest() -> dict[UUID, int]:
        return {record.case_id: record.seq for record in records(tmp_path)}

    first, second = start(1), start(2)
    await until(lambda: written() > 1200, seconds=60)
    first.kill()
    known, began = newest(), time.monotonic()
    await until(lambda: all(newest()[case] > known.get(case, 0) + 3 for case in CASES), seconds=30)
    taken_over = time.monotonic() - began
    third = start(3)
    await until(lambda: written() > 2600, seconds=60)
    for process in (second, third):
        process.kill()
        process.wait()
    run = Load(server, [])
    run.acknowledged = dict.fromkeys(
        (name for seed in (1, 2, 3) for name in (tmp_path / f"{seed}.said").read_text().splitlines()), 0.0
    )
    log = SqliteEventLog(tmp_path / "log.db")
    await log.start()
    async with relaying(await join(), log):  # type: ignore[arg-type]
        await run.drained()
    await log.close()
    run.log.records, run.failed["killed"] = records(tmp_path), 3 * 64
    print(f"\nall shards relayed {taken_over:.1f} s after a kill; {run.said()}")
    assert len(run.acknowledged) > 2000
    run.check()
