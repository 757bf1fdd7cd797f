"""A file of published years, as `yikou calendar update` takes it and as the installation keeps it.

Two shapes: TOML as in services/domain/published_years.toml, or JSON with one entry a day, as collections of
the notices give it: {"year": 2027, "papers": [], "days": [{"name", "date", "isOffDay"}]}.
"""

import json
import os
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from services.domain.city_files import CityError, check, read
from services.domain.entry import Problem
from services.domain.published_years import PublishedYear, Rest, YearsFile, gaps, problems

_DAY = timedelta(days=1)


class ListedDay(BaseModel):
    """A day that is not what its weekday says."""

    name: str
    date: date
    off: bool = Field(alias="isOffDay")


class ListedYear(BaseModel):
    """A year, day by day. `papers`: where the notices stand."""

    year: int
    papers: tuple[str, ...] = ()
    days: tuple[ListedDay, ...]


def read_years(path: Path, known: Sequence[PublishedYear], extra: int | None) -> tuple[PublishedYear, ...]:
    """The years of a file that follow or replace `known`. CityError with every mistake in it.

    `extra`: weekdays off beyond the statutory ones, for a file that cannot say it.
    """
    found: list[Problem] = []
    file = _read_days(path, found) if path.suffix == ".json" else read(path, YearsFile, found)
    years = file.year if file else ()
    if extra is not None:
        years = tuple(year.model_copy(update={"extra": extra}) for year in years)
    for year in years:
        found += problems(year, path.name)
    found += gaps({year.year for year in (*known, *years)}, path.name)
    if found:
        raise CityError(path, found)
    return years


def write_year(folder: Path, year: PublishedYear) -> Path:
    """Keep the year as a file of its own, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{year.year}.toml"
    new = path.with_suffix(".new")
    new.write_text(as_toml(year), encoding="utf-8")
    os.replace(new, path)
    return path


def as_toml(year: PublishedYear) -> str:
    """The year as an official can read and check it."""
    spans = [
        f"    {{ zh = {_quoted(rest.zh)}, first = {rest.first}, last = {rest.last} }}," for rest in year.rest
    ]
    lines = ["[[year]]", f"year = {year.year}", f"notice = {_quoted(year.notice)}"]
    lines += [f"extra = {year.extra}"] if year.extra else []
    lines += ["rest = [", *spans, "]", f"work = [{', '.join(map(str, year.work))}]"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _read_days(path: Path, found: list[Problem]) -> YearsFile | None:
    try:
        listed = ListedYear.model_validate_json(path.read_bytes())
    except OSError as error:
        found.append(Problem(path.name, "—", "文件打不开", f"cannot be opened: {error.strerror}"))
        return None
    except ValidationError as error:
        for one in error.errors(include_url=False):
            entry = " ".join(map(str, one["loc"])) or "—"
            found.append(Problem(path.name, entry, "填写不对", one["msg"]))
        return None
    title = f"国务院办公厅关于{listed.year}年部分节假日安排的通知"
    year = {
        "year": listed.year,
        "notice": "；".join(listed.papers) or title,
        "rest": [rest.model_dump() for rest in _spans([day for day in listed.days if day.off])],
        "work": [day.date for day in listed.days if not day.off],
    }
    return check(path.name, {"year": [year]}, YearsFile, found)


def _spans(days: Sequence[ListedDay]) -> list[Rest]:
    """Days off in a row as one stretch, named by the festivals in it."""
    spans: list[Rest] = []
    for day in sorted(days, key=lambda one: one.date):
        last = spans[-1] if spans else None
        if last and day.date <= last.last + _DAY:
            names = dict.fromkeys((*last.zh.split("、"), *day.name.split("、")))
            spans[-1] = Rest(zh="、".join(names), first=last.first, last=day.date)
        else:
            spans.append(Rest(zh=day.name, first=day.date, last=day.date))
    return spans
