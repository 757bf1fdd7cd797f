"""A case goes round in the containers: taken, routed, worked on at the brigade's desk, told by SMS."""

import json
import time
from collections.abc import Callable
from typing import Final, TypeVar

import httpx

from tools.composed.engine import Engine
from tools.composed.machine import Failed

UNIT: Final = "inspection-jiangning"
PHONE: Final = "+8613900000001"
CASE: Final = {
    "kind": "wage_arrears", "report_type": "complaint", "channel": "phone", "text": "拖欠工资九千元。",
    "caller": {"name": "王小明", "phone": PHONE}, "amount_owed": 9000,
    "urgent": True,  # or its result is not told before the morning
    "employer": {"name": "某建筑公司", "work_address": "南京市江宁区秣陵街道", "work_district": "320115"},
}  # fmt: skip
PATIENCE: Final = 120.0  # seconds for one step; a replica that was killed holds its share for 30
T = TypeVar("T")
SMS: Final = 'for text in /data/sms/*/*.json; do cat "$text"; echo; done'


class Round:
    """`url`: the proxy's. The clients are made by `yikou token create` in a container."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine = engine
        machine, officer = self._token("machine"), self._token("officer", "--unit", UNIT)
        self.machine, self.officer = (
            httpx.Client(
                base_url=url, headers={"authorization": f"Bearer {one}"}, trust_env=False, timeout=30
            )
            for one in (machine, officer)
        )

    def go(self, key: str) -> list[str]:
        """The names of what is in its timeline in the end. Failed when a step does not come."""
        answer = self.machine.post("/api/cases", json=CASE, headers={"idempotency-key": key})
        if answer.status_code != 201:
            raise Failed(f"POST /api/cases: {answer.status_code} {answer.text}")
        case = answer.json()["case_id"]
        task = _until(lambda: self._task(case), "no task on the brigade's worklist")
        self._do(task, "accept", {"officer": "3207"})
        self._do(task, "complete", {"outcome": "paid", "summary": "工资已付清。", "amount_recovered": 9000})
        _until(lambda: "CaseClosed" in self._timeline(case), "the case was not closed")
        _until(lambda: len(self._sms(case)) >= 2, "no SMS to the caller")
        return self._timeline(case)

    def _task(self, case: str) -> str | None:
        tasks = self.officer.get("/api/inspection/tasks").json()["tasks"]
        return next((one["task"] for one in tasks if one["case_id"] == case), None)

    def _do(self, task: str, step: str, said: dict[str, object]) -> None:
        answer = self.officer.post(f"/api/inspection/tasks/{task}/{step}", json=said)
        if answer.status_code != 200:
            raise Failed(f"{step}: {answer.status_code} {answer.text}")

    def _timeline(self, case: str) -> list[str]:
        return [entry["type"] for entry in self.machine.get(f"/api/cases/{case}").json()["timeline"]]

    def _sms(self, case: str) -> list[str]:
        """What the notifier's file gateway wrote to the caller of this case."""
        written = self.engine.compose("exec", "-T", "notifier", "sh", "-c", SMS, within=240)
        texts = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
        return [one["text"] for one in texts if one["to"] == PHONE and one["reference"].startswith(case)]

    def _token(self, role: str, *more: str) -> str:
        create = ("yikou", "token", "create", "--role", role, "--name", f"check-{role}", *more)
        return self.engine.compose("exec", "-T", "intake", *create, within=240).strip().splitlines()[-1]


def _until(what: Callable[[], T | None], otherwise: str) -> T:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.2)
    raise Failed(f"{otherwise} within {PATIENCE:.0f} s")
