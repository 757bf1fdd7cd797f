"""Employer clusters (群体性欠薪): cases against one employer or site, together more than each alone.

What makes a cluster is the city's: clusters.toml says from how many callers, workers or how much money on,
within how many days. 劳动保障监察条例 art 14: mass incidents are handled by an emergency plan.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.domain.entry import Entry, Problem, Wording
from services.domain.kinds import Kind

FILE = "clusters.toml"
TAG = "cluster_"
Over = Literal["employer", "site"]
LevelId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Least = Annotated[int, Field(ge=1)]


class Cluster(BaseModel):
    """How large a cluster was at one moment. Amounts in fen (分); `level`: the highest threshold crossed.

    `workers`: the most that one caller named, at least one for each caller: the callers of a team name the
    same people. `amount_owed_fen`: the largest claim of each caller, added up; None where nobody named any.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    over: Over
    callers: int
    workers: int
    amount_owed_fen: int | None = None
    days: int
    level: str | None = None


class Threshold(Wording):
    """One level. Crossed when any of `callers`, `workers`, `amount_owed_fen` is reached within `days`."""

    id: LevelId
    days: Annotated[int, Field(ge=1, le=366)]
    callers: Least | None = None
    workers: Least | None = None
    amount_owed_fen: Least | None = None
    article: str | None = None

    @model_validator(mode="after")
    def _can_be_crossed(self) -> Self:
        if self.callers is None and self.workers is None and self.amount_owed_fen is None:
            raise ValueError("give callers, workers or amount_owed_fen")
        return self

    def is_crossed(self, size: "Size") -> bool:
        reached = (
            (self.callers, size.callers), (self.workers, size.workers),
            (self.amount_owed_fen, size.amount_owed_fen),
        )  # fmt: skip
        return any(least is not None and now >= least for least, now in reached)


class Similar(Entry):
    """When a text counts as nearly the same as another: `least` of 0 to 1, within `days`."""

    days: Annotated[int, Field(ge=1, le=366)]
    least: Annotated[float, Field(gt=0, le=1)]


class ClustersFile(Entry):
    """clusters.toml. `kinds`: whose cases are counted; thresholds from the lightest to the heaviest."""

    kinds: tuple[Kind, ...]
    similar: Similar
    threshold: tuple[Threshold, ...] = ()

    @cached_property
    def windows(self) -> tuple[int, ...]:
        """The numbers of days in which thresholds count, the shortest first."""
        return tuple(sorted({one.days for one in self.threshold}))

    def crossed(self, sizes: "Sizes") -> list[Threshold]:
        """The thresholds that a cluster of these sizes has crossed, the lightest first."""
        return [one for one in self.threshold if one.is_crossed(sizes.get(one.days, Size()))]


@dataclass(frozen=True, slots=True)
class Size:
    """What was counted in one window."""

    callers: int = 0
    workers: int = 0
    amount_owed_fen: int = 0


Sizes = dict[int, Size]
"""By the window's days."""


def cluster_of(over: Over, sizes: Sizes, crossed: Sequence[Threshold]) -> Cluster:
    """The cluster as it is told: by the heaviest level's window, else by the longest."""
    heaviest = crossed[-1] if crossed else None
    days = heaviest.days if heaviest else max(sizes)
    size = sizes.get(days, Size())
    return Cluster(
        over=over, callers=size.callers, workers=size.workers, amount_owed_fen=size.amount_owed_fen or None,
        days=days, level=heaviest.id if heaviest else None,
    )  # fmt: skip


def tags_of(crossed: Iterable[Threshold]) -> tuple[str, ...]:
    """What routing rules may look for: `tags = { any = ["cluster_mass"] }`."""
    return tuple(TAG + one.id for one in crossed)


def problems(clusters: ClustersFile) -> Iterator[Problem]:
    for level, count in Counter(one.id for one in clusters.threshold).items():
        if count > 1:
            yield Problem(FILE, level, f"编号重复 {count} 次", f"id is used {count} times")
