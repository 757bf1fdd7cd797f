"""Template filters: instants as people here read them (China has one time zone and no summer time)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

LOCAL: Final = timezone(timedelta(hours=8), "CST")


def moment(at: datetime) -> str:
    """2025-01-26 17:30"""
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def exact(at: datetime) -> str:
    """2025-01-26 17:30:05 +08:00"""
    return at.astimezone(LOCAL).isoformat(sep=" ", timespec="seconds").replace("+08:00", " +08:00")


def day(at: datetime) -> str:
    """01-26"""
    return f"{at.astimezone(LOCAL):%m-%d}"


def clock(at: datetime) -> str:
    """17:30"""
    return f"{at.astimezone(LOCAL):%H:%M}"


def iso(at: datetime) -> str:
    """For the datetime attribute of <time>."""
    return at.astimezone(LOCAL).isoformat(timespec="seconds")


def grouped(number: str, size: int = 4) -> str:
    """A long number in groups, as it is read out: 7K3M-92QA-XT5."""
    return "-".join(number[i : i + size] for i in range(0, len(number), size))


def yuan(fen: int) -> str:
    """An amount in fen as yuan: 12,345.60"""
    return f"{fen / 100:,.2f}"


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "moment": moment,
    "exact": exact,
    "day": day,
    "clock": clock,
    "iso": iso,
    "grouped": grouped,
    "yuan": yuan,
}
