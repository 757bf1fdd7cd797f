"""What each unit has in hand (各单位在办), which units are silent, and whether any case is with nobody."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, func, or_, select

from services.domain.units import Roster
from services.kernel.columns import table
from services.kernel.sql import Look, Sql
from services.kernel.store import Looking
from services.router import closures, objections
from services.router.closures import RouterClosure
from services.router.models import RouterCase, State

_AT_UNIT: Final = (State.ROUTED.value, State.ACCEPTED.value)
_MOVED: Final = (State.ACCEPTED.value, State.RESOLVED.value, State.CLOSED.value)
CLOSURES_SHOWN: Final = 100
BOUNCES_OF: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Workload:
    """A unit's open cases. `waiting`: sent and not accepted yet, the oldest of them since `oldest`.

    `undelivered`: not arrived, a person sees to it; `bounced`: that another unit sent back before; `silent`:
    cases wait longer than they may, and the unit has accepted or finished nothing since. `sent_back`: its
    objections of the last thirty days, `again`: those to cases that had been sent back before.
    """

    unit: str
    is_open: bool
    waiting: int
    oldest: datetime | None
    accepted: int
    urgent: int
    undelivered: int
    bounced: int
    silent: bool
    sent_back: int
    again: int

    @property
    def total(self) -> int:
        return self.waiting + self.accepted


@dataclass(frozen=True, slots=True)
class Handovers:
    """The report on closed units. `left`: open cases by closed unit; empty when none is orphaned."""

    closures: list[RouterClosure]
    left: Mapping[str, int]

    @property
    def orphaned(self) -> int:
        return sum(self.left.values())


def of_units(session: Looking, roster: Roster, silent_since: datetime, now: datetime) -> list[Workload]:
    """Every unit that is open or has cases, the one with the most first."""
    bounces = {one.unit: one for one in objections.by_unit(session, now - BOUNCES_OF)}
    routed, accepted = (_counts(session, state) for state in _AT_UNIT)
    found = []
    for unit in [*roster.by_id, *sorted({*routed, *accepted} - roster.by_id.keys())]:
        new, taken = routed.get(unit, _NOTHING), accepted.get(unit, _NOTHING)
        known = roster.by_id.get(unit)
        if not (known is not None and known.is_open) and not (new.cases or taken.cases):
            continue
        late = new.oldest is not None and new.oldest < silent_since
        found.append(
            Workload(
                unit, known is not None and known.is_open, new.cases, new.oldest, taken.cases,
                new.urgent + taken.urgent, new.undelivered, new.bounced + taken.bounced,
                late and not _has_moved(session, unit, silent_since),
                bounces[unit].objections if unit in bounces else 0,
                bounces[unit].again if unit in bounces else 0,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (-one.total, one.unit))


def handovers(session: Looking, roster: Roster) -> Handovers:
    """All closures, newest first, and the open cases that still are with a unit that is not open."""
    open_units = {unit.id for unit in roster.by_id.values() if unit.is_open}
    counts: Counter[str] = Counter()
    for state in _AT_UNIT:
        counts.update({unit: found.cases for unit, found in _counts(session, state).items()})
    left = {unit: cases for unit, cases in counts.items() if unit not in open_units}
    return Handovers(list(closures.listed(session, CLOSURES_SHOWN)), left)


@dataclass(frozen=True, slots=True)
class _Counts:
    cases: int = 0
    oldest: datetime | None = None
    urgent: int = 0
    undelivered: int = 0
    bounced: int = 0


_NOTHING: Final = _Counts()


_CASES: Final = table(RouterCase)
_COUNT: Final = Sql(
    select(
        _CASES.c.unit, func.count(), func.min(_CASES.c.updated_at), func.count().filter(_CASES.c.urgent),
        func.count(_CASES.c.trouble), func.count().filter(_CASES.c.bounces > 0),
    )
    .where(_CASES.c.state == bindparam("wanted"))
    .group_by(_CASES.c.unit)
)  # fmt: skip


_MOVED_ONE: Final = Sql(
    select(_CASES.c.case_id)
    .where(
        or_(*(_CASES.c.state == state for state in _MOVED)), _CASES.c.unit == bindparam("of"),
        _CASES.c.updated_at >= bindparam("since"),
    )
    .limit(1)
)  # fmt: skip


def _counts(look: Look, state: str) -> dict[str, _Counts]:
    return {str(unit): _Counts(*rest) for unit, *rest in look.all(_COUNT, wanted=state)}


def _has_moved(look: Look, unit: str, since: datetime) -> bool:
    """Whether the unit has accepted or finished anything since then."""
    return look.one(_MOVED_ONE, of=unit, since=since) is not None
