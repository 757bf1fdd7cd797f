"""When a delivery is tried again and when a person takes over. Pure: instants and randomness are arguments.

Waits are seconds. A wait is drawn between 0 and its step (full jitter), so that what failed together does
not come back together.
"""

import random
from datetime import datetime, timedelta
from typing import Final

SCHEDULE: Final = (0.0, 5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0)
"""The longest wait before try 1, 2, 3 …; every further try: the last one."""

REFUSED: Final = (600.0, 2400.0)
"""The longest wait after the first and second refusal (a 4xx): three tries in an hour, then a person."""

LONGEST_RETRY_AFTER: Final = 3600.0
GIVE_UP_AFTER: Final = timedelta(hours=76)
URGENT_NOTICE: Final = timedelta(minutes=30)  # an urgent request: a person hears of it, the tries go on
ASK_AFTER: Final = timedelta(seconds=10)
ASK_AT_LEAST_EVERY: Final = timedelta(hours=1)
UNKNOWN_FOR: Final = timedelta(hours=24)  # then a person finds out whether it arrived


def step(attempts: int) -> float:
    """The longest wait after `attempts` tries, in seconds."""
    return SCHEDULE[min(attempts, len(SCHEDULE) - 1)]


def wait(attempts: int, chance: random.Random, retry_after: float | None = None) -> timedelta:
    """The wait after `attempts` failed tries, never shorter than the partner asked for (at most an hour)."""
    return _drawn(step(attempts), chance, retry_after)


def wait_refused(refusals: int, chance: random.Random, retry_after: float | None = None) -> timedelta | None:
    """The wait after the `refusals`-th refusal; None: it was the last, a person takes over."""
    if refusals > len(REFUSED):
        return None
    return _drawn(REFUSED[refusals - 1], chance, retry_after)


def _drawn(longest: float, chance: random.Random, retry_after: float | None) -> timedelta:
    asked = min(max(0.0, retry_after or 0.0), LONGEST_RETRY_AFTER)
    return timedelta(seconds=max(chance.uniform(0.0, longest), asked))


def ask_again(unknown_for: timedelta, questions: int) -> timedelta:
    """The wait before a partner is asked once more whether a request arrived: it doubles, up to an hour.

    `questions`: how many there were. Time in which nobody could ask, because we were down, does not make it
    longer.
    """
    doubled = ASK_AFTER * (1 << min(max(questions - 1, 0), 10))
    return min(max(unknown_for, ASK_AFTER), doubled, ASK_AT_LEAST_EVERY)


def give_up_at(now: datetime, wished: datetime | None) -> datetime:
    return now + GIVE_UP_AFTER if wished is None else wished


def watch_at(now: datetime, urgent: bool, ends: datetime) -> datetime:
    """When somebody must look at a new request that is still open."""
    return min(ends, now + URGENT_NOTICE) if urgent else ends
