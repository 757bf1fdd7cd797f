"""The last dumps: what the stores and the log hold when all is over, as JSON lines without contents."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.commands.builders import BUILDERS
from tools.chaos.history import DUMP, Fact, History
from tools.chaos.stack import Stack

EVERYWHERE: Final[Mapping[str, str]] = {
    "outbox": "id, event_id, case_id, case_seq, type, published_at",
    "position": "case_id, heard, said",
    "parked": "id, case_id, source, seq, type, why, state, attempts, error",
    "dead_letter": 'id, partition, "offset"',
    "skipped": "id, case_id, source, seq, type, reason",
    "delivery": "id, key, destination, case_id, kind, state, attempts, fence, reason, status",
    "attempt": "delivery_id, fence, outcome, status, reason",
}
TASKS: Final[Mapping[str, str]] = {"task": "key, case_id, unit, state, reason, outcome"}
OWN: Final[Mapping[str, Mapping[str, str]]] = {
    "intake": {
        "intake_case": "case_id, number, kind, status, unit, bounces",
        "intake_timeline": "id, case_id, type, source, at",
        "intake_idempotency": "client, key, case_id",
    },
    "router": {
        "router_case": "case_id, state, unit, bounces",
        "router_decision": "id, case_id, unit, hold_reason, rule",
    },
    "notifier": {"notifier_case": "case_id, told_by, texts, closed"},
}
_HEX: Final = re.compile("[0-9a-f]{32}")


async def dump(stack: Stack, history: History) -> None:
    """Write down every table that the checks look at, and the whole log."""
    for service in BUILDERS:
        for table, columns in {**EVERYWHERE, **OWN.get(service, TASKS)}.items():
            order = columns.split(", ")[0]
            for row in await stack.select(service, f"SELECT {columns} FROM {table} ORDER BY {order}"):  # noqa: S608
                names = [name.strip('"') for name in columns.split(", ")]
                facts = {name: fact(value) for name, value in zip(names, row, strict=True)}
                history.write(DUMP, {"service": service, "table": table, **facts})
    for record in await stack.records():
        history.write(DUMP, {"service": "log", "table": "record", **record})


def fact(value: object) -> Fact:
    """A value of either database, the same from both."""
    if isinstance(value, str):
        return str(UUID(value)) if _HEX.fullmatch(value) else value
    if value is None or isinstance(value, int | float):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def open_work(stack: Stack, cases: Sequence[str], now: datetime) -> dict[str, int]:
    """What is not finished: rows not in the log, parked messages, deliveries, answered cases not closed.

    `now` in UTC. What is not to leave before later (news of a task that is on its way, a text at night) has
    not begun.
    """
    left = dict.fromkeys(_OPEN, 0)
    at = f"{now.replace(tzinfo=None).isoformat(' ', 'microseconds')}+00"  # both databases compare with this
    query = f"SELECT {', '.join(_OPEN.values())}".replace(_NOW, f"'{at}'")
    for service in BUILDERS:
        [found] = await stack.select(service, query)
        for what, number in zip(_OPEN, found, strict=True):
            left[what] += int(str(number))
    [[closed]] = await stack.select("intake", "SELECT count(*) FROM intake_case WHERE status = 'closed'")
    left["cases"] = max(0, len(set(cases)) - int(str(closed)))
    return left


_NOW: Final = ":now"
_OPEN: Final[Mapping[str, str]] = {
    "outbox": "(SELECT count(*) FROM outbox WHERE published_at IS NULL)",
    "parked": "(SELECT count(*) FROM parked)",
    "deliveries": (
        "(SELECT count(*) FROM delivery WHERE settled_at IS NULL"
        " AND NOT (state = 'pending' AND attempts = 0 AND due_at > :now))"
    ),
}
