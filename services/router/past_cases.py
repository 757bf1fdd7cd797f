"""The cases of the last days, a slice at a time, and where two editions send them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select, tuple_

from services.domain.routing_rules import Decision, Routed, Rules, decide
from services.kernel.columns import UtcDateTime, table
from services.kernel.sql import Look, Sql
from services.router import rules
from services.router.dry_runs import HELD
from services.router.models import RouterCase

SLICE: Final = 1_000
_CASES: Final = table(RouterCase)
_PERIOD: Final = (_CASES.c.received_at >= bindparam("since"), _CASES.c.received_at <= bindparam("until"))
_COUNT: Final = Sql(select(func.count().label("cases")).where(*_PERIOD))
_NEXT: Final = Sql(
    select(_CASES.c.case_id, _CASES.c.received_at, _CASES.c.number, _CASES.c.kind, _CASES.c.facts)
    .where(
        _PERIOD[1],
        tuple_(_CASES.c.received_at, _CASES.c.case_id)
        > tuple_(bindparam("at", type_=UtcDateTime()), bindparam("case", type_=_CASES.c.case_id.type)),
    )
    .order_by(_CASES.c.received_at, _CASES.c.case_id)
    .limit(bindparam("most", type_=Integer))
)


class Past(NamedTuple):
    """A case as a dry run needs it."""

    case_id: UUID
    received_at: datetime
    number: str
    kind: str
    facts: str


class Move(NamedTuple):
    """A case that would go elsewhere."""

    case: Past
    was: str
    was_rule: str | None
    now: str
    now_rule: str | None


class Slice(NamedTuple):
    """Cases that were looked at, after the case `after`."""

    after: UUID
    past: Sequence[Past]
    moves: Sequence[Move]


def count(look: Look, since: datetime, until: datetime) -> int:
    """How many cases came in within the period."""
    return int(look.all(_COUNT, since=since, until=until)[0].cases)


def following(look: Look, until: datetime, at: datetime, case: UUID, most: int) -> list[Past]:
    """The next cases after this one, in the order in which they came in."""
    return [Past(*row) for row in look.all(_NEXT, until=until, at=at, case=case, most=most)]


def differences(old: Rules, new: Rules, past: Sequence[Past]) -> list[Move]:
    """Which of these cases the two editions send to different places."""
    found = []
    for case in past:
        facts = rules.read(case.facts)
        (was, was_rule), (now, now_rule) = _where(decide(old, facts)), _where(decide(new, facts))
        if was != now:
            found.append(Move(case, was, was_rule, now, now_rule))
    return found


def _where(decision: Decision) -> tuple[str, str | None]:
    if isinstance(decision, Routed):
        return decision.unit.id, decision.rule
    return HELD + decision.reason, decision.facts_used.get("rule")
