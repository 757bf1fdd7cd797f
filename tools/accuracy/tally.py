"""How often each kind of address was read rightly."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from services.domain.location import Location
from tools.accuracy.addresses import Case

_COLUMNS = ("right", "unsure", "wrong", "wrong and certain", "street")


@dataclass(frozen=True)
class Tally:
    """By kind of address: how many there are, and how many came out in each way."""

    counts: Mapping[str, Counter[str]]

    @classmethod
    def of(cls, results: Iterable[tuple[Case, Location]]) -> "Tally":
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for case, found in results:
            counts[case.variant].update(_outcome(case, found))
        return cls(counts)

    def share(self, variant: str, outcome: str) -> float | None:
        """From 0 to 1; `street` of those with a street. None: there was nothing to count."""
        counts = self.counts[variant]
        of = counts["with street" if outcome == "street" else "all"]
        return counts[outcome] / of if of else None

    def lines(self) -> Iterator[str]:
        yield f"{'':22}{'count':>7}" + "".join(f"{column:>19}" for column in _COLUMNS)
        for variant, counts in self.counts.items():
            shares = (_shown(self.share(variant, column)) for column in _COLUMNS)
            yield f"{variant:22}{counts['all']:7}" + "".join(shares)


def _shown(share: float | None) -> str:
    return f"{'—':>19}" if share is None else f"{100 * share:18.2f}%"


def _outcome(case: Case, found: Location) -> Iterator[str]:
    """An address elsewhere is right when it is unsure."""
    yield "all"
    right = (found.district or "") == case.district
    yield "right" if right else "wrong" if found.district else "unsure"
    if not right and found.confidence == "certain":
        yield "wrong and certain"
    if case.street:
        yield "with street"
        if found.street == case.street:
            yield "street"
