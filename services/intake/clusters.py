"""Cases join their clusters; a threshold that is crossed is said once (劳动保障监察条例 art 14).

At the end of a transaction, for all its cases together: the clusters' rows are locked, the cases entered,
the clusters counted. Another process that enters a case of the same cluster waits for the row, or collides
with it when it is new, and counts again: no case is missed, and no threshold is crossed twice.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete

from services.domain.clusters import ClustersFile, Sizes
from services.domain.events import CaseReceived, Event
from services.intake.alarms import CLUSTERS, Counted, Row, alarm, joined, others
from services.intake.counting import size_alone, sizes_of
from services.intake.membership import Membership
from services.intake.models import CaseRow, ClusterCaseRow
from services.kernel.columns import table
from services.kernel.sql import Sql
from services.kernel.tx import Tx

_OF: Final = table(ClusterCaseRow)
_LEAVE: Final = Sql(delete(_OF).where(_OF.c.case_id == bindparam("of_case")))


@dataclass(frozen=True, slots=True)
class Joining:
    """A case, written down at `at`, that joins its clusters.

    `row`: its columns where it is new, and nothing of it is said yet.
    """

    event: Event
    membership: Membership
    at: datetime
    row: Mapping[str, object] | None = None


@dataclass(slots=True)
class _Joining:
    cases: list[Joining] = field(default_factory=list)


def join(tx: Tx, joining: Joining, clusters: ClustersFile) -> None:
    """The case joins at the end of the transaction; a new one is written and said then."""

    def begin(tx: Tx) -> _Joining:
        tx.at_end(partial(_settle, clusters=clusters))
        return _Joining()

    tx.note(_Joining, begin).cases.append(joining)


def leave(tx: Tx, event: Event) -> None:
    """The case of `event` no longer belongs to its clusters."""
    tx.run(_LEAVE, of_case=event.case_id)


def _settle(tx: Tx, clusters: ClustersFile) -> None:
    cases = tx.note(_Joining).cases
    keys = sorted({key for one in cases for key in one.membership.keys})
    CLUSTERS.load(tx, keys)
    unknown = [key for key in keys if CLUSTERS.get(tx, key) is None]
    for key in unknown:
        CLUSTERS.add(tx, Row(key, "{}"))
    for one in cases:
        _enter(tx, one)
    alone = _alone(cases, unknown, clusters, tx.now)
    sizes = alone | sizes_of(tx, [key for key in keys if key not in alone], clusters, tx.now)
    counted = Counted.of(sizes, clusters)
    quiet = {key for key in alone if not counted.crossed[key]}
    new = {one.event.case_id for one in cases if one.row is not None}
    for one in cases:
        if not quiet.issuperset(one.membership.keys):
            _say(tx, one, counted, new)
        elif one.row is not None:
            _write(tx, one.row, one.event)


def _write(tx: Tx, row: Mapping[str, object], event: Event) -> None:
    tx.insert(CaseRow, **row)
    tx.put(event)


def _alone(
    cases: Sequence[Joining], unknown: Collection[str], clusters: ClustersFile, now: datetime
) -> dict[str, Sizes]:
    """By key: most employers have one case, which is the first, and nobody need count it."""
    of_key = Counter(key for one in cases for key in one.membership.keys)
    return {
        key: size_alone(one.membership, one.at, clusters, now)
        for one in cases
        for key in one.membership.keys
        if key in unknown and of_key[key] == 1
    }


def _enter(tx: Tx, one: Joining) -> None:
    of = one.membership
    for key in of.keys:
        tx.insert(
            ClusterCaseRow, key=key, case_id=one.event.case_id, at=one.at, caller=of.caller,
            workers=of.workers, amount_owed_fen=of.amount_owed_fen,
        )  # fmt: skip


def _say(tx: Tx, one: Joining, counted: Counted, new: set[UUID]) -> None:
    """A new case says of itself what cluster it is in; what came before the alarm hears of it."""
    keys, event = one.membership.keys, one.event
    if one.row is not None and isinstance(event, CaseReceived):
        event = _with_cluster(event, keys, counted)
        _write(tx, one.row if event is one.event else {**one.row, "tags": json.dumps(event.tags)}, event)
    raised = alarm(tx, event, keys, counted)
    if raised is not None:
        tx.put(raised.event)
        tx.put(*(told for told in others(tx, raised, tx.now) if told.case_id not in new))
    elif one.row is None and (late := joined(event, keys, counted)):
        tx.put(late)


def _with_cluster(event: CaseReceived, keys: tuple[str, ...], counted: Counted) -> CaseReceived:
    cluster, tags = counted.cluster(keys), counted.tags(keys)
    if cluster is None and not tags:
        return event
    return event.model_copy(update={"cluster": cluster, "tags": tuple(dict.fromkeys((*event.tags, *tags)))})
