"""How much time is left to accept a task, in words and as a level of alarm. Pure."""

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

SOON: Final = timedelta(hours=4)
Level = Literal["good", "warn", "bad"]


class Due(NamedTuple):
    """`level`: good, warn (less than SOON left) or bad (overdue); the text says the same."""

    text: str
    level: Level
    at: datetime


def due_of(accept_by: datetime | None, now: datetime, language: str) -> Due | None:
    """The clock of a task that waits to be accepted; None when there is none."""
    if accept_by is None:
        return None
    left = accept_by - now
    if left < timedelta():
        text = (
            f"overdue by {_span(-left, language)}" if language == "en" else f"逾期 {_span(-left, language)}"
        )
        return Due(text, "bad", accept_by)
    text = f"{_span(left, language)} left" if language == "en" else f"还剩 {_span(left, language)}"
    return Due(text, "warn" if left < SOON else "good", accept_by)


def _span(span: timedelta, language: str) -> str:
    """Days, hours or minutes, whichever says it best; never less than a minute."""
    minutes = max(1, int(span.total_seconds() // 60))
    if minutes >= 48 * 60:
        number, zh, en = minutes // (24 * 60), "天", "days"
    elif minutes >= 120:
        number, zh, en = minutes // 60, "小时", "h"
    else:
        number, zh, en = minutes, "分钟", "min"
    return f"{number} {en if language == 'en' else zh}"
