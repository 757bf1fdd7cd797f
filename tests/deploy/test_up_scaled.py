"""`make up-scaled`: the real Kafka, PostgreSQL and nginx with every service as its own process."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.conftest import MissingPart
from tools.real.kafka_jars import ROOT
from tools.scaled.machine import lacks

COMMAND = [sys.executable, "-m", "tools.scaled"]
CASE = {
    "kind": "wage_arrears", "report_type": "complaint", "channel": "phone", "text": "拖欠工资九千元。",
    "caller": {"name": "王小明", "phone": "13900000001"}, "amount_owed": 9000,
    "employer": {"name": "某建筑公司", "work_address": "南京市江宁区秣陵街道", "work_district": "320115"},
}  # fmt: skip
LEAVES_US = """
import signal
from pathlib import Path
from tools.scaled.child import Child
child = Child("sleeper", ["sleep", "60"], Path("."), "")
child.start()
print(child.process.pid, flush=True)
signal.pause()
"""


@contextmanager
def started(folder: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    own = {"YIKOU_PORT": str(port), "YIKOU_DATA_DIR": str(folder / "data")}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("YIKOU_")} | own
    process = subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()  # what it started ends with it
        process.communicate()


def said_until(process: "subprocess.Popen[str]", word: str) -> str:
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if word in line:
            break
    assert word in said, said
    return said


def timeline(http: httpx.Client, case: str) -> list[str]:
    return [entry["type"] for entry in http.get(f"/api/cases/{case}").json()["timeline"]]


def children(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def gone(pids: list[int], within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False


def test_a_case_goes_round_and_nothing_stays_behind(
    tmp_path: Path, free_port: int, missing_part: MissingPart
) -> None:
    if missing := lacks():
        missing_part("up-scaled", missing[0])
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o011)  # PostgreSQL does not run as root, who owns it
    with started(tmp_path, free_port) as process:
        said = said_until(process, "ready in")
        token = re.search(r"YIKOU_TOKEN=(\S+)", said)
        assert token is not None
        running = children(process.pid)
        assert len(running) == 8 + len(["kafka", "postgresql", "nginx", "simulators"])
        headers = {"Authorization": f"Bearer {token[1]}", "Idempotency-Key": "scaled-1"}
        with httpx.Client(
            base_url=f"http://127.0.0.1:{free_port}", headers=headers, trust_env=False, timeout=30
        ) as http:
            case = http.post("/api/cases", json=CASE).json()["case_id"]
            for _ in range(200):
                if {"TaskDelivered", "CallerInformed"} <= set(timeline(http, case)):
                    break
                time.sleep(0.05)
            assert {"CaseRouted", "TaskDelivered", "CallerInformed"} <= set(timeline(http, case))
            assert http.get(f"/api/cases/{case}/routing").json()["unit"] == "inspection-jiangning"
            assert http.get("/api/callbacks").status_code == 200
            assert tags(http) >= {"cases", "routing", "inspection", "operations"}
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert gone(running, 1)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that ended may linger
        listener.bind(("127.0.0.1", free_port))


def tags(http: httpx.Client) -> set[str]:
    described = http.get("/api/openapi.json").json()["paths"].values()
    return {tag for path in described for operation in path.values() for tag in operation.get("tags", ())}


def test_what_a_killed_process_had_started_ends_with_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LEAVES_US], cwd=tmp_path, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.kill()
    process.communicate()
    assert gone([child], 5)


def test_a_missing_part_is_one_sentence_that_says_what_to_install(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    result = subprocess.run(COMMAND, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert result.returncode == 2
    java = next(line for line in result.stderr.splitlines() if "Java" in line)
    assert java == (
        "缺少 Java ≥ 17，请先安装（Debian：apt install openjdk-17-jre-headless）。"
        "/ Java ≥ 17 is missing: install it first (Debian: apt install openjdk-17-jre-headless)."
    )
    assert "Traceback" not in result.stderr
