"""The histories of a small campaign in which all went well: one case, from the client to the text message."""

from copy import deepcopy
from pathlib import Path

from tools.chaos.evidence import Evidence
from tools.chaos.history import Row

CASE, KEY, TASK, TEXT = "00000000-0000-7000-8000-000000000001", "chaos-1", "task-1", "text-1"
UNIT, TO = "inspection-xuanwu", "abcd"
SAID = {
    "intake": ["CaseReceived", "CaseClosed"],
    "router": ["CaseRouted"],
    "inspection_adapter": ["TaskDelivered", "TaskAccepted", "OutcomeReported"],
    "notifier": ["CallerInformed"],
}
Rows = list[dict[str, str | int | float | None]]


def outbox(service: str) -> Rows:
    return [
        {"event_id": f"{service}-{seq}", "case_id": CASE, "case_seq": seq, "type": name, "published_at": "t"}
        for seq, name in enumerate(SAID[service], 1)
    ]


def record() -> Rows:
    rows = [
        {"id": row["event_id"], "type": row["type"], "source": service, "case_id": CASE,
         "seq": row["case_seq"]}
        for service in SAID for row in outbox(service)
    ]  # fmt: skip
    return [{"partition": 0, "offset": place, **row} for place, row in enumerate(rows)]


def delivery(kind: str, key: str, destination: str) -> dict[str, str | int | float | None]:
    return {"id": f"d-{key}", "key": key, "destination": destination, "case_id": CASE, "kind": kind,
            "state": "delivered", "attempts": 1, "fence": 1, "reason": None}  # fmt: skip


def dumped() -> dict[tuple[str, str], list[Row]]:
    heard = " ".join(f"{source}:{len(names)}" for source, names in SAID.items())
    timeline: Rows = [
        {"id": place, "case_id": CASE, "type": row["type"], "source": row["source"]}
        for place, row in enumerate(record())
    ]
    tables: dict[tuple[str, str], Rows] = {
        **{(service, "outbox"): outbox(service) for service in SAID},
        **{(service, "position"): [{"case_id": CASE, "heard": heard, "said": 1}] for service in SAID},
        ("intake", "intake_case"): [{"case_id": CASE, "number": "N1", "status": "closed"}],
        ("intake", "intake_timeline"): timeline,
        ("intake", "intake_idempotency"): [{"client": "c", "key": KEY, "case_id": CASE}],
        ("inspection_adapter", "task"): [{"key": TASK, "case_id": CASE, "unit": UNIT}],
        ("inspection_adapter", "delivery"): [delivery("SendTask", TASK, UNIT)],
        ("inspection_adapter", "attempt"): [{"delivery_id": f"d-{TASK}", "fence": 1, "outcome": "delivered"}],
        ("notifier", "delivery"): [delivery("SendSms", TEXT, "sms")],
        ("log", "record"): record(),
    }
    return {place: list(rows) for place, rows in deepcopy(tables).items()}


def good(folder: Path) -> Evidence:
    client: Rows = [
        {"at": 1.0, "what": "begin", "key": KEY, "to": TO, "twice": 0},
        {"at": 1.0, "what": "invoke", "key": KEY},
        {"at": 1.1, "what": "ok", "key": KEY, "case": CASE},
    ]
    partners: Rows = [
        {"at": 1.2, "who": UNIT, "what": "request", "key": TASK, "fence": "1"},
        {"at": 1.2, "who": UNIT, "what": "task", "key": TASK, "case": "N1"},
        {"at": 1.3, "who": UNIT, "what": "callback", "key": TASK, "type": "task.accepted"},
        {"at": 1.4, "who": UNIT, "what": "callback", "key": TASK, "type": "task.completed"},
        {"at": 1.5, "who": "sms", "what": "message", "reference": TEXT, "to": TO},
    ]
    phases: Rows = [
        {"at": 0.0, "what": "faults", "stack": "embedded"},
        {"at": 0.5, "what": "all_well", "dead": ""}, {"at": 2.0, "what": "all_well_over", "dead": ""},
        {"at": 0.5, "what": "one_dead", "dead": "u"}, {"at": 2.0, "what": "one_dead_over", "dead": "u"},
        {"at": 9.0, "what": "drained", "after": 3.0, "left": 0},
    ]  # fmt: skip
    held: Rows = [
        {"at": 3.0, "what": "process", "target": "yikou", "phase": phase, "memory": 100, "files": 20}
        for phase in ("all_well", "one_dead")
    ]
    samples: Rows = [
        {"at": 1.0, "what": "offset", "place": "router 0", "offset": 3},
        {"at": 2.0, "what": "offset", "place": "router 0", "offset": 7},
        *held,
    ]
    reads: Rows = [{"at": 1.0, "what": "stranger", "case": CASE, "status": 404}]
    faults: Rows = [
        {"at": 0.1, "what": "kill", "target": "yikou"},
        {"at": 1.4, "what": "ready", "target": "yikou", "after": 1.3, "there": 1},
        {"at": 3.0, "what": "flows", "target": "database", "after": 2.0},
        {"at": 5.0, "what": "flows", "target": "broker", "after": 4.0},
    ]
    return Evidence(folder, client, partners, faults, samples, reads, phases, dumped())
