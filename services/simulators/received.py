"""What a partner makes of a request: its task, and the number that it gives it."""

import json
from hashlib import sha256

from services.simulators.course import Task


def reference(unit: str, key: str) -> str:
    """The partner's own number of a task, e.g. "JC-5F0C21D9"; the same for the same key."""
    prefix = {"inspection": "JC", "employment": "JY"}.get(unit.split("-")[0], "JZ")
    return f"{prefix}-{sha256(f'{unit}:{key}'.encode()).hexdigest()[:8].upper()}"


def read_task(unit: str, key: str, body: bytes) -> Task | None:
    """The task in a request's body; None when it is malformed, another unit's, or under another key."""
    try:
        sent = json.loads(body)
        record = sent["record"]
        owed = record.get("amount_owed")
        task = Task(
            key=sent["task"],
            unit=sent["unit"],
            case=str(sent["case"]),
            kind=str(sent["kind"]),
            urgency=str(sent["urgency"]),
            owed=float(owed) if owed is not None else None,
            fingerprint=sha256(body).hexdigest()[:32],
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return task if task.key == key and key and task.unit == unit else None
