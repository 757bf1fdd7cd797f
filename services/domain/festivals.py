"""The statutory holidays (全国年节及纪念日放假办法), and from them what an unpublished year may look like.

Art 2 as revised in 2024 (国务院令第795号): 元旦 1 day, 春节 4 (除夕 to 初三), 清明 1, 劳动节 2, 端午 1,
中秋 1, 国庆 3. Art 6: one that falls on a weekend is made up on a weekday (补假). Which weekends are worked
for a longer holiday (调休) only the year's notice says, so an estimate knows none.
"""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import TypeAdapter

_DAY: Final = timedelta(days=1)


class Festivals(NamedTuple):
    """The days of a year that the moon or the sun decides: 正月初一, 清明, 端午, 中秋."""

    spring: date
    qingming: date
    dragon_boat: date
    mid_autumn: date


@cache
def festivals() -> dict[int, Festivals]:
    """By year, as `festivals.toml` gives them; the last year there is the last that can be estimated."""
    text = (Path(__file__).parent / "festivals.toml").read_text(encoding="utf-8")
    rows = TypeAdapter(dict[int, tuple[date, date, date, date]]).validate_python(tomllib.loads(text))
    return {year: Festivals(*days) for year, days in rows.items()}


def day_count(year: int) -> int:
    """How many days are statutory holidays: 10, from 2008 11 (国务院令第513号), from 2025 13 (第795号)."""
    return 10 if year < 2008 else 11 if year < 2025 else 13


def principal_days(year: int) -> Iterator[tuple[str, date]]:
    """The days without which a year's notice cannot be right, as far as they are known for that year."""
    yield "元旦", date(year, 1, 1)
    yield "劳动节", date(year, 5, 1)
    yield "国庆节", date(year, 10, 1)
    if moving := festivals().get(year):
        yield "春节", moving.spring
        yield "清明节", moving.qingming
        yield "端午节", moving.dragon_boat
        yield "中秋节", moving.mid_autumn


def estimated_days_off(year: int) -> frozenset[date]:
    """The 13 statutory holidays by today's rule, as weekdays.

    One that falls on a weekend or on another one moves to the next weekday that is free. KeyError for a year
    that `festivals()` does not have.
    """
    off: set[date] = set()
    moved: list[date] = []
    for day in sorted(_statutory(year)):
        if day in off or day.weekday() > 4:
            moved.append(day)
        else:
            off.add(day)
    for day in moved:
        while day in off or day.weekday() > 4:
            day += _DAY
        off.add(day)
    return frozenset(off)


def _statutory(year: int) -> Iterator[date]:
    moving = festivals()[year]
    yield date(year, 1, 1)
    yield from (moving.spring + number * _DAY for number in (-1, 0, 1, 2))
    yield moving.qingming
    yield from (date(year, 5, 1), date(year, 5, 2))
    yield moving.dragon_boat
    yield moving.mid_autumn
    yield from (date(year, 10, number) for number in (1, 2, 3))
