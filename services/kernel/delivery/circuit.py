"""A destination's circuit, its limit in flight and its retry budget. Pure: state in, state out.

The circuit opens after FAILURES in a row, or when more than half of the last SEEN calls failed. While it
is open nothing is sent; then one call probes: success closes it, failure opens it twice as long.
A refusal (4xx) is an answer: the partner lives. The retry budget is a bucket of tokens: a first try adds a
tenth, a second adds one, a retry takes one and gives it back when it succeeds, so that only retries that
fail are rationed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

FAILURES: Final = 5
SEEN: Final = 20
ALL_WELL: Final = "+" * SEEN
OPEN_SECONDS: Final = 30.0
OPEN_SECONDS_MOST: Final = 900.0
TOKENS_PER_FIRST_TRY: Final = 0.1
TOKENS_PER_SECOND: Final = 1.0
TOKENS_MOST: Final = 10.0
GONE: Final = "gone"  # the partner answered 410: what waits for it goes to a person
CLOSED: Final = "closed"  # an operator closed it: what waits, waits


@dataclass(frozen=True, slots=True)
class Destination:
    """A partner as the ledger sees it. `max_inflight` None: the service's own limit.

    `recent`: the last calls, oldest first, "+" or "-". `open_until` in the past: one probe may go.
    """

    id: str
    tokens_at: datetime
    max_inflight: int | None = None
    failures: int = 0
    recent: str = ""
    open_until: datetime | None = None
    open_seconds: float = 0.0
    disabled: str | None = None
    tokens: float = TOKENS_MOST


def after_success(seen: Destination) -> Destination:
    if seen.open_until is not None:
        return replace(seen, failures=0, recent="", open_until=None, open_seconds=0.0)
    if seen.failures == 0 and seen.recent == ALL_WELL:
        return seen
    return replace(seen, failures=0, recent=(seen.recent + "+")[-SEEN:])


def after_failure(seen: Destination, now: datetime) -> Destination:
    """What was under way when the circuit opened may still fail: that does not open it any longer."""
    if seen.open_until is not None and seen.open_until > now:
        return seen
    failed = replace(seen, failures=seen.failures + 1, recent=(seen.recent + "-")[-SEEN:])
    mostly = len(failed.recent) == SEEN and failed.recent.count("-") * 2 > SEEN
    if seen.open_until is None and failed.failures < FAILURES and not mostly:
        return failed
    seconds = min(max(OPEN_SECONDS, seen.open_seconds * 2), OPEN_SECONDS_MOST)
    return replace(failed, open_until=now + timedelta(seconds=seconds), open_seconds=seconds)


def disabled(seen: Destination, why: str) -> Destination:
    return replace(seen, disabled=why)


def opened_again(seen: Destination, now: datetime) -> Destination:
    """As an operator opens it: nothing held against it."""
    return Destination(id=seen.id, tokens_at=now, max_inflight=seen.max_inflight)


def is_open(seen: Destination, now: datetime) -> bool:
    return seen.open_until is not None and seen.open_until > now


def room(seen: Destination, inflight: int, most: int, now: datetime) -> int:
    """How many more calls may be under way; `most` where the destination has no limit of its own."""
    if seen.disabled is not None or is_open(seen, now):
        return 0
    limit = 1 if seen.open_until is not None else most if seen.max_inflight is None else seen.max_inflight
    return max(0, limit - inflight)


def filled(seen: Destination, now: datetime) -> Destination:
    """The budget as it has grown since it was last looked at. A clock that steps back adds nothing."""
    if seen.tokens >= TOKENS_MOST:
        return seen
    seconds = max(0.0, (now - seen.tokens_at).total_seconds())
    return replace(seen, tokens=min(seen.tokens + seconds * TOKENS_PER_SECOND, TOKENS_MOST), tokens_at=now)


def spend(seen: Destination, now: datetime, *, first: bool) -> Destination | None:
    """The filled budget after one more try; None: this retry has to wait."""
    if first and seen.tokens >= TOKENS_MOST:
        return seen
    if first:
        return replace(seen, tokens=min(seen.tokens + TOKENS_PER_FIRST_TRY, TOKENS_MOST))
    return replace(seen, tokens=seen.tokens - 1, tokens_at=now) if seen.tokens >= 1 else None


def give_back(seen: Destination) -> Destination:
    return replace(seen, tokens=min(seen.tokens + 1, TOKENS_MOST))


def next_token_at(seen: Destination) -> datetime:
    return seen.tokens_at + timedelta(seconds=max(0.0, 1 - seen.tokens) / TOKENS_PER_SECOND)
