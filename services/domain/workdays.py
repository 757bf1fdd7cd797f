"""Which days are worked, laid out once as arrays: a question is then an index or two, no loop over days.

A day is a working day (工作日) if it is no weekend day and not off by the State Council's notice, or if it is
a weekend day that the notice makes a workday (调休上班日), unless the city decided otherwise. Years whose
notice is not out are estimated, and what reaches them is provisional; so are the last days of December, which
the next notice may still rearrange.
"""

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.domain.festivals import estimated_days_off, festivals
from services.domain.hours import Hours
from services.domain.published_years import FIRST_DAY_ARRANGED, PublishedYear
from services.domain.refusals import Refusal


class Day(NamedTuple):
    """Whether a day is worked, and whether a notice that is still to come may say otherwise."""

    workday: bool
    provisional: bool


@dataclass(frozen=True, slots=True, eq=False)
class Workdays:
    """Days are ordinals (`date.toordinal`), from `first` on.

    `ordinals`: the working days, ascending. `before[i]`: how many of them lie before the day `first + i`.
    `settled`: the last day that is certain. `published`: the years whose notice is out. A day that is not
    laid out is refused (Refusal `outside-calendar`).
    """

    first: int
    settled: int
    published: range
    ordinals: Sequence[int] = field(repr=False)
    before: Sequence[int] = field(repr=False)

    @classmethod
    def of(cls, years: Sequence[PublishedYear], hours: Hours) -> "Workdays":
        """Lay out `years` (in order, without gaps), then estimates, with the city's own days of `hours`."""
        published = range(years[0].year, years[-1].year + 1)
        last = max(published[-1], *festivals())
        off = {day for year in years for day in year.days_off()}
        off.update(day for year in range(published[-1] + 1, last + 1) for day in estimated_days_off(year))
        work = {day for year in years for day in year.work}
        closed, opened = {one.day for one in hours.closed}, {one.day for one in hours.open}
        first, end = date(published[0], 1, 1).toordinal(), date(last, 12, 31).toordinal()
        off, work = (off | closed) - opened, (work | opened) - closed
        ordinals, before = _laid_out(range(first, end + 1), _ordinals(off), _ordinals(work))
        settled = date(published[-1], *FIRST_DAY_ARRANGED).toordinal() - 1
        return cls(first, settled, published, ordinals, before)

    def day(self, ordinal: int) -> Day:
        """Whether the day is worked, and how certain that is."""
        return Day(self.is_workday(ordinal), self.is_provisional(ordinal))

    def is_workday(self, ordinal: int) -> bool:
        index = self._index(ordinal)
        return self.before[index + 1] > self.before[index]

    def is_provisional(self, ordinal: int) -> bool:
        return ordinal > self.settled

    def count_before(self, ordinal: int) -> int:
        """How many working days lie before that day, counted from the first one laid out."""
        return self.before[self._index(ordinal)]

    def nth(self, number: int) -> int:
        """The working day before which `number` others lie."""
        if not 0 <= number < len(self.ordinals):
            raise _outside()
        return self.ordinals[number]

    def at_or_after(self, ordinal: int) -> int:
        """That day if it is worked, else the next that is."""
        return self.nth(self.count_before(ordinal))

    def _index(self, ordinal: int) -> int:
        index = ordinal - self.first
        if not 0 <= index < len(self.before) - 1:
            raise _outside()
        return index


def _outside() -> Refusal:
    zh, en = "日期超出工作日历的范围。", "The date lies outside the work calendar."
    return Refusal("outside-calendar", zh, en)


def _laid_out(
    days: range, off: Collection[int], work: Collection[int]
) -> tuple[Sequence[int], Sequence[int]]:
    ordinals, before = array("i"), array("i")
    for ordinal in days:
        before.append(len(ordinals))
        if ordinal in work or (ordinal % 7 not in (6, 0) and ordinal not in off):  # ordinal 1 was a Monday
            ordinals.append(ordinal)
    before.append(len(ordinals))
    return ordinals, before


def _ordinals(days: Iterable[date]) -> frozenset[int]:
    return frozenset(day.toordinal() for day in days)
