"""The simulators as a process: killed and started again, they remember what they saw and go on."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.simulators.ledger import Ledger
from tests.simulators.conftest import BRIGADE, SECRETS, FakeYikou, task_body, task_headers


@asynccontextmanager
async def partners(
    keyring: Path, yikou: str, state: Path, pace: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.simulators", "--keyring", str(keyring), "--yikou", yikou,
        "--state", str(state), "--pace", pace, "--seed", "3",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process, (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@pytest.fixture
def keyring(tmp_path: Path) -> Path:
    path = tmp_path / "keyring.json"
    path.write_text(json.dumps({"audiences": {}, "partners": SECRETS}))
    return path


async def test_a_killed_process_remembers_its_tasks_and_finishes_them(
    http: httpx.AsyncClient, yikou: FakeYikou, keyring: Path, tmp_path: Path
) -> None:
    state, body = tmp_path / "partners.jsonl", task_body("task-1")
    text = {"reference": "r-1", "to": "+8613800138000", "text": "已办结"}
    async with partners(keyring, yikou.url, state, "demo") as (process, url):
        sent = await http.post(f"{url}/{BRIGADE}/tasks", content=body, headers=task_headers("task-1", body))
        assert sent.status_code == 202
        await http.post(f"{url}/sms", json=text)
        process.kill()
        await process.wait()
    assert "13800138000" not in state.read_text()
    async with partners(keyring, yikou.url, state, "fast") as (process, url):
        again = await http.post(f"{url}/{BRIGADE}/tasks", content=body, headers=task_headers("task-1", body))
        assert again.text == sent.text
        await http.post(f"{url}/sms", json=text)
        await yikou.until(lambda y: "task.completed" in y.types())
        counts = (await http.get(f"{url}/_counts")).json()
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0
    assert (counts["units"]["request"], counts["units"]["task"]) == (2, 1)
    assert counts["sms"] == {"message": 1, "repeat": 1, "request": 2}


def test_a_ledger_survives_a_line_that_a_kill_cut(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"who": "sms", "what": "request"}\n{"who": "sms", "wh')
    ledger = Ledger(path)
    assert [note.what for note in ledger.replay()] == ["request"]
    ledger.note("sms", "message", reference="r")
    ledger.close()
    again = Ledger(path)
    assert [note.what for note in again.replay()] == ["request", "message"]
    assert again.count("sms", "message") == 1
    again.close()


def test_a_ledger_keeps_exact_counts_and_few_notes() -> None:
    ledger = Ledger(keep=10)
    for number in range(100):
        ledger.note("sms", "request", reference=str(number))
    assert ledger.counts() == {"sms": {"request": 100}}
    assert len(ledger.notes) == 10
