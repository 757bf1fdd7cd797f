"""What the program says about itself in figures. No label holds anything about a person or a case."""

import asyncio
from collections.abc import Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY: Final = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

HTTP_REQUESTS: Final = Counter(
    "yikou_http_requests", "Answered requests", ["method", "route", "status"], registry=REGISTRY
)
HTTP_SECONDS: Final = Histogram(
    "yikou_http_request_seconds",
    "Time to answer, by route template",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
OUTBOX_ROWS: Final = Gauge("yikou_outbox_rows", "Rows not yet in the log", ["service"], registry=REGISTRY)
OUTBOX_LAG: Final = Gauge(
    "yikou_outbox_lag_seconds", "Age of the oldest row not yet in the log", ["service"], registry=REGISTRY
)
LOG_LAG: Final = Gauge(
    "yikou_log_lag_records", "Records that the service has not handled yet", ["service"], registry=REGISTRY
)
PARKED: Final = Gauge(
    "yikou_parked_rows", "Messages that wait for a retry or a person", ["service", "state"], registry=REGISTRY
)
DEAD_LETTERS: Final = Gauge(
    "yikou_dead_letters", "Unreadable records of the last day", ["service"], registry=REGISTRY
)
DELIVERY_ROWS: Final = Gauge(
    "yikou_delivery_rows", "Deliveries: open, stuck, failed", ["service", "state"], registry=REGISTRY
)
PARTNERS_CLOSED: Final = Gauge(
    "yikou_partners_closed", "Partners closed, or with an open circuit", ["service"], registry=REGISTRY
)
LOOPS_RESTARTED: Final = Gauge(
    "yikou_loop_restarts", "Loops that failed and were started again", ["service"], registry=REGISTRY
)
ALARMS: Final = Gauge(
    "yikou_alarm", "1 while the alarm rings (services/kernel/alarms.toml)", ["service", "alarm"],
    registry=REGISTRY,
)  # fmt: skip
OF_FIGURE: Final[Mapping[tuple[Gauge, tuple[str, ...]], str]] = {
    (OUTBOX_ROWS, ()): "outbox_rows",
    (OUTBOX_LAG, ()): "outbox_seconds",
    (LOG_LAG, ()): "log_records",
    (PARKED, ("waiting",)): "parked_waiting",
    (PARKED, ("dead",)): "parked_dead",
    (DEAD_LETTERS, ()): "dead_letters",
    (DELIVERY_ROWS, ("open",)): "deliveries_open",
    (DELIVERY_ROWS, ("stuck",)): "deliveries_stuck",
    (DELIVERY_ROWS, ("failed",)): "deliveries_failed",
    (PARTNERS_CLOSED, ()): "partners_closed",
    (LOOPS_RESTARTED, ()): "restarts",
}
"""A gauge with its labels besides the service, and the figure that it shows (services.kernel.figures)."""

DELIVERIES: Final = Counter(
    "yikou_deliveries", "Tries at a partner", ["service", "destination", "result"], registry=REGISTRY
)
DRIFT: Final = Gauge(
    "yikou_partner_differences",
    "Tasks of which a unit's system and we know different things, for a person to settle",
    ["service", "unit"],
    registry=REGISTRY,
)
COMPARED: Final = Gauge(
    "yikou_partner_compared_timestamp_seconds",
    "When the comparison with a unit's system last came to its end",
    ["service", "unit"],
    registry=REGISTRY,
)
SIGN_INS: Final = Counter("yikou_sign_ins", "Sign-ins", ["result"], registry=REGISTRY)
LOOP_LAG: Final = Gauge(
    "yikou_loop_lag_seconds", "How late the event loop woke, worst of the last minute", registry=REGISTRY
)


def exposition() -> bytes:
    """All figures in the Prometheus text format."""
    return generate_latest(REGISTRY)


async def watch_loop(interval: float = 0.5, window: int = 120) -> None:
    """Measure for ever how late a sleep of `interval` seconds ends; LOOP_LAG is the worst of `window`."""
    loop, late = asyncio.get_running_loop(), [0.0] * window
    turn = 0
    while True:
        due = loop.time() + interval
        await asyncio.sleep(interval)
        late[turn % window] = max(0.0, loop.time() - due)
        LOOP_LAG.set(max(late))
        turn += 1
