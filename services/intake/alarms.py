"""Whether a case takes a cluster over a threshold, which is said once: again only when the window is over."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Integer, bindparam, select

from services.domain.clusters import Cluster, ClustersFile, Sizes, Threshold, cluster_of, tags_of
from services.domain.events import ClusterAlarmed, ClusterJoined, Event
from services.intake.membership import of_employer, over
from services.intake.models import CaseRow, ClusterCaseRow, ClusterRow
from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.kept import Kept
from services.kernel.sql import Look, Sql
from services.kernel.tx import Tx

MOST_TOLD: Final = 200  # open cases of a cluster that are told of its alarm
_OF, _CASES = table(ClusterCaseRow), table(CaseRow)
_OPEN: Final = Sql(
    select(_OF.c.case_id)
    .join(_CASES, _CASES.c.case_id == _OF.c.case_id)
    .where(among(_OF.c.key, "keys"), _OF.c.at > bindparam("since"), _CASES.c.closed_at.is_(None))
    .distinct()
    .order_by(_OF.c.case_id)
    .limit(bindparam("most", type_=Integer))
)


@dataclass(slots=True)
class Row:
    """As models.ClusterRow explains it."""

    key: str
    raised: str


CLUSTERS: Final = Kept(ClusterRow, Row, key="key")


@dataclass(frozen=True, slots=True)
class Counted:
    """By key: the sizes, and the thresholds crossed, the lightest first. `weight`: of each level."""

    sizes: Mapping[str, Sizes]
    crossed: Mapping[str, Sequence[Threshold]]
    weight: Mapping[str, int]

    @classmethod
    def of(cls, sizes: Mapping[str, Sizes], clusters: ClustersFile) -> "Counted":
        weight = {one.id: place for place, one in enumerate(clusters.threshold)}
        return cls(sizes, {key: clusters.crossed(found) for key, found in sizes.items()}, weight)

    def heaviest(self, keys: Sequence[str], crossed: Mapping[str, Sequence[Threshold]]) -> str:
        """The key whose level is the heaviest; of equal ones that with more callers, then the first."""

        def rank(key: str) -> tuple[int, int]:
            level = self.weight[crossed[key][-1].id] if crossed[key] else -1
            return level, max((size.callers for size in self.sizes[key].values()), default=0)

        return max(keys, key=rank)

    def cluster(self, keys: Sequence[str]) -> Cluster | None:
        """What a case of these keys belongs to; None while it is alone and has crossed nothing."""
        key = self.heaviest(keys, self.crossed)
        if not self.sizes[key]:
            return None
        found = cluster_of(over(key), self.sizes[key], self.crossed[key])
        return found if found.callers > 1 or found.level else None

    def tags(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The levels of all these keys, as tags for routing rules."""
        return tuple(dict.fromkeys(tag for key in keys for tag in tags_of(self.crossed[key])))


@dataclass(frozen=True, slots=True)
class Alarm:
    """A threshold crossed now. `keys`: all keys of the case that crossed one; `days`: of the longest."""

    event: ClusterAlarmed
    keys: tuple[str, ...]
    days: int


def alarm(tx: Tx, said: Event, keys: Sequence[str], counted: Counted) -> Alarm | None:
    """The alarm that the case of `said` raises. An employer's two keys count as one cluster."""
    known = {key: _recent(tx, key, counted.crossed[key]) for key in keys}
    employer = {level for key in of_employer(keys) for level in known[key]}
    fresh = {
        key: [one for one in counted.crossed[key] if one.id not in known[key] | _shared(key, employer)]
        for key in keys
    }
    for key in keys:
        _mark(tx, key, [one for one in counted.crossed[key] if one.id not in known[key]])
    crossing = [key for key in keys if fresh[key]]
    if not crossing:
        return None
    key = counted.heaviest(crossing, fresh)
    size = cluster_of(over(key), counted.sizes[key], fresh[key])
    event = ClusterAlarmed(case_id=said.case_id, at=said.at, by=said.by, **_told(key, size))
    return Alarm(event, tuple(crossing), max(one.days for key in crossing for one in fresh[key]))


def joined(said: Event, keys: Sequence[str], counted: Counted) -> ClusterJoined | None:
    """What a case that comes late into a cluster under alarm says of it."""
    key = counted.heaviest(keys, counted.crossed)
    if not counted.crossed[key]:
        return None
    size = cluster_of(over(key), counted.sizes[key], counted.crossed[key])
    return ClusterJoined(case_id=said.case_id, at=said.at, by=said.by, **_told(key, size))


def others(look: Look, raised: Alarm, now: datetime) -> list[ClusterJoined]:
    """The other open cases of the cluster hear of the alarm, the oldest MOST_TOLD of them."""
    found = look.all(_OPEN, keys=raised.keys, since=now - timedelta(days=raised.days), most=MOST_TOLD)
    told = raised.event.model_dump(exclude={"case_id", "by"})
    cases = (row.case_id for row in found if row.case_id != raised.event.case_id)
    return [ClusterJoined(case_id=case_id, **told) for case_id in cases]


def opaque(key: str) -> str:
    """A cluster's name in events: tells clusters apart and says nothing."""
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def _told(key: str, cluster: Cluster) -> dict[str, object]:
    return {"cluster": opaque(key), **cluster.model_dump()}


def _shared(key: str, employer: set[str]) -> set[str]:
    return employer if over(key) == "employer" else set()


def _recent(tx: Tx, key: str, crossed: Sequence[Threshold]) -> set[str]:
    """The levels that were said of this key within their window."""
    row = CLUSTERS.get(tx, key)
    raised = {} if row is None else json.loads(row.raised)
    return {
        one.id
        for one in crossed
        if one.id in raised and datetime.fromisoformat(raised[one.id]) > tx.now - timedelta(days=one.days)
    }


def _mark(tx: Tx, key: str, crossed: Sequence[Threshold]) -> None:
    row = CLUSTERS.get(tx, key)
    if row is not None and crossed:
        row.raised = json.dumps(json.loads(row.raised) | {one.id: tx.now.isoformat() for one in crossed})
