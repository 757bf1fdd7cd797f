"""Sets of cases, as far as rules can tell cases apart: which rules no case reaches, which cases have none.

Every condition splits the values of one fact into a few groups: the kinds, the districts, the amounts below
and above a limit. A region is a choice of groups for each fact, a bit for each; rules are regions, and what
is left of all cases when every rule has taken its own is the gap.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, combinations
from typing import Final

from services.domain.conditions import checks
from services.domain.kinds import Channel, Kind, ReportType
from services.domain.routing_facts import Value
from services.domain.rule_entries import Days, Range, Rule, Tags, When

Region = tuple[int, ...]
MOST_PIECES: Final = 4_000
MOST_TAGS: Final = 8
_ELSEWHERE: Final = "000000"
_PLACES: Final = ("work_district", "employer_district", "residence_district")


class TooManyPieces(Exception):
    """The rules cut the cases into more pieces than are worth looking at."""


@dataclass(frozen=True, slots=True)
class Space:
    """`values`: for each fact one value of every group, in the order of `When`'s fields."""

    values: Mapping[str, tuple[Value, ...]]

    @classmethod
    def of(cls, rules: Sequence[Rule], districts: Iterable[str]) -> "Space":
        values: dict[str, tuple[Value, ...]] = {
            "kind": tuple(Kind),
            "report_type": (None, *ReportType),
            "urgent": (False, True),
            "channel": tuple(Channel),
            "work_in_doubt": (False, True),
            "work_time": (False, True),
            "workday": (False, True),
            "hour": tuple(range(24)),
            "date": _days(rules),
            "tags": _tags(rules),
            "amount_owed_fen": _numbers(rules, "amount_owed_fen"),
            "workers_affected": _numbers(rules, "workers_affected"),
            "cluster": (None, "(other)", *_named(rules, "cluster")),
        }
        places = (None, _ELSEWHERE, *districts)
        return cls({name: values.get(name, places) for name in When.model_fields})

    def everything(self) -> list[Region]:
        """All cases: where the place of employment is in doubt it is not known, and the other way round."""
        whole = tuple((1 << len(values)) - 1 for values in self.values.values())
        sure = self.narrowed(whole, "work_in_doubt", lambda value: value is False)
        doubted = self.narrowed(whole, "work_in_doubt", lambda value: value is True)
        return [sure, self.narrowed(doubted, "work_district", lambda value: value is None)]

    def region(self, when: When) -> Region:
        """The cases that a rule's conditions let through."""
        region = tuple((1 << len(values)) - 1 for values in self.values.values())
        for name, check in checks(when):
            region = self.narrowed(region, name, check)
        return region

    def narrowed(self, region: Region, name: str, fits: Callable[[Value], bool]) -> Region:
        """What is left of the region when one fact must fit."""
        place = list(self.values).index(name)
        mask = sum(1 << n for n, value in enumerate(self.values[name]) if fits(value))
        return (*region[:place], region[place] & mask, *region[place + 1 :])

    def shown(self, region: Region, name: str) -> tuple[Value, ...]:
        """The values of a fact that are in the region."""
        place = list(self.values).index(name)
        return tuple(value for n, value in enumerate(self.values[name]) if region[place] >> n & 1)


def without(pieces: Sequence[Region], taken: Region) -> list[Region]:
    """What is left of the pieces when `taken` is cut out. Raises TooManyPieces."""
    left: list[Region] = []
    for piece in pieces:
        if not all(mine & other for mine, other in zip(piece, taken, strict=True)):
            left.append(piece)
            continue
        rest = list(piece)
        for n, other in enumerate(taken):
            if outside := rest[n] & ~other:
                left.append((*rest[:n], outside, *rest[n + 1 :]))
            rest[n] &= other
    if len(left) > MOST_PIECES:
        raise TooManyPieces
    return left


def shared(pieces: Sequence[Region], wanted: Region) -> list[Region]:
    """The parts of the pieces that are in `wanted` too."""
    cut = (tuple(a & b for a, b in zip(piece, wanted, strict=True)) for piece in pieces)
    return [piece for piece in cut if all(piece)]


def _named(rules: Sequence[Rule], field: str) -> list[str]:
    """The words that rules name: a fact is one of them, another, or not known."""
    named: set[str] = set()
    for rule in rules:
        wanted = getattr(rule.when, field)
        named |= {wanted} if isinstance(wanted, str) else set(wanted) if isinstance(wanted, tuple) else set()
    return sorted(named)


def _numbers(rules: Sequence[Rule], field: str) -> tuple[Value, ...]:
    edges = {0}
    for rule in rules:
        wanted = getattr(rule.when, field)
        if isinstance(wanted, Range):
            edges |= {wanted.min or 0} | ({wanted.max + 1} if wanted.max is not None else set())
    return (None, *sorted(edges))


def _days(rules: Sequence[Rule]) -> tuple[Value, ...]:
    edges = {date.min}
    for rule in rules:
        if isinstance(rule.when.date, Days):
            first, last = rule.when.date.first, rule.when.date.last
            edges |= ({first} if first else set()) | ({last + timedelta(1)} if last else set())
    return tuple(sorted(edges))


def _tags(rules: Sequence[Rule]) -> tuple[Value, ...]:
    """Every set of the tags that rules name; raises TooManyPieces where they name too many."""
    wanted = [rule.when.tags for rule in rules if isinstance(rule.when.tags, Tags)]
    names = sorted({tag for one in wanted for tag in (*one.any, *one.all, *one.none)})
    if len(names) > MOST_TAGS:
        raise TooManyPieces
    return tuple(chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))
