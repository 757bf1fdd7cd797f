"""The State Council's yearly notices (国务院办公厅关于部分节假日安排的通知): which weekdays are off, which
weekend days are worked (调休上班日).

`published_years.toml` beside this file holds every year that was published when this version was made; an
installation adds newer ones with `yikou calendar update`, one file a year, in a folder of its own. A notice
may reach back into the last days of December: 29 and 31 December 2018 were arranged by the one for 2019.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from services.domain.city_files import read
from services.domain.entry import Entry, Problem, Said
from services.domain.festivals import day_count, principal_days

PACKAGED: Final = Path(__file__).parent / "published_years.toml"
FIRST_DAY_ARRANGED: Final = (12, 25)
"""Month and day: no notice has arranged an earlier day of the year before (the earliest was the 29th)."""
_DAY: Final = timedelta(days=1)


class Rest(Entry):
    """Days off in a row (放假), `first` and `last` included; weekends inside them are part of it."""

    zh: Said
    first: date
    last: date

    def days(self) -> Iterator[date]:
        day = self.first
        while day <= self.last:
            yield day
            day += _DAY


class PublishedYear(Entry):
    """One notice. `work`: weekend days that are worked (调休上班).

    `extra`: weekdays off beyond the statutory ones, where a special notice gave some.
    """

    year: Annotated[int, Field(ge=2004, le=2099)]
    notice: Said
    rest: Annotated[tuple[Rest, ...], Field(min_length=1)]
    work: tuple[date, ...] = ()
    extra: int = 0

    def days_off(self) -> frozenset[date]:
        return frozenset(day for rest in self.rest for day in rest.days())


class YearsFile(Entry):
    """published_years.toml, and a file of `yikou calendar update`."""

    year: tuple[PublishedYear, ...]


@cache
def packaged() -> tuple[PublishedYear, ...]:
    """The years that this version knows, in order. ValueError: the file in the program is damaged."""
    found: list[Problem] = []
    file = read(PACKAGED, YearsFile, found)
    if file is None:
        raise ValueError("\n".join(map(str, found)))
    return file.year


def published(folder: Path | None, found: list[Problem]) -> tuple[PublishedYear, ...]:
    """All published years in order: the program's, and the installation's in their place or after them.

    What is wrong with the installation's files goes into `found`.
    """
    years = {one.year: one for one in packaged()}
    for path in sorted(folder.glob("*.toml")) if folder is not None else ():
        file = read(path, YearsFile, found)
        for one in file.year if file else ():
            found += problems(one, path.name)
            years[one.year] = one
    found += gaps(years, folder.name if folder else PACKAGED.name)
    return tuple(years[year] for year in sorted(years))


def gaps(years: Iterable[int], file: str) -> Iterator[Problem]:
    """Years between two published ones that nobody published: working days cannot be counted over them."""
    for earlier, later in pairwise(sorted(years)):
        if later - earlier > 1:
            zh, en = "前面的年份还没有", "comes after a year that is missing"
            yield Problem(file, str(later), zh, en)


def problems(year: PublishedYear, file: str) -> Iterator[Problem]:
    """Everything that cannot be right about a year, one line each."""
    entry = str(year.year)
    off = year.days_off()
    reported = (*_spans(year), *_worked(year, off), *_festivals(year, off))
    yield from (Problem(file, entry, zh, en) for zh, en in reported)
    if not reported:
        yield from (Problem(file, entry, zh, en) for zh, en in _sum(year, off))


Reason = tuple[str, str]


def _spans(year: PublishedYear) -> Iterator[Reason]:
    for rest in year.rest:
        if rest.last < rest.first:
            yield f"{rest.zh}：结束早于开始", f"{rest.zh}: ends before it begins"
        yield from _outside(year, (rest.first, rest.last))
    for earlier, later in pairwise(sorted(year.rest, key=lambda rest: rest.first)):
        if later.first <= earlier.last:
            yield f"{earlier.zh}与{later.zh}重叠", f"{earlier.zh} and {later.zh} overlap"


def _worked(year: PublishedYear, off: frozenset[date]) -> Iterator[Reason]:
    yield from _outside(year, year.work)
    for day in sorted(set(year.work)):
        if day.weekday() < 5:
            yield f"{day} 不是周末，不必调为上班日", f"{day} is no weekend day and is worked anyway"
        if day in off:
            yield f"{day} 既放假又上班", f"{day} is both off and worked"
        if year.work.count(day) > 1:
            yield f"{day} 写了不止一次", f"{day} is given more than once"


def _festivals(year: PublishedYear, off: frozenset[date]) -> Iterator[Reason]:
    for zh, day in principal_days(year.year):
        if day not in off:
            yield f"{zh}（{day}）没有放假", f"{zh} ({day}) is not off"


def _outside(year: PublishedYear, days: Sequence[date]) -> Iterator[Reason]:
    earliest, latest = date(year.year - 1, *FIRST_DAY_ARRANGED), date(year.year, 12, 31)
    for day in dict.fromkeys(days):
        if not earliest <= day <= latest:
            yield f"{day} 不在这一年", f"{day} is not of this year"


def _sum(year: PublishedYear, off: frozenset[date]) -> Iterator[Reason]:
    """Weekdays off, less weekend days worked, are the statutory holidays: a mistyped date breaks the sum."""
    given = sum(day.weekday() < 5 for day in off) - len(year.work)
    due = day_count(year.year) + year.extra
    if given != due:
        yield (
            f"放假的平日减去调休上班日是 {given} 天，法定节假日是 {due} 天；专门通知另给的天数写在 extra",
            f"weekdays off less weekend days worked are {given}, statutory holidays {due}; days that a "
            "special notice added belong into extra",
        )
