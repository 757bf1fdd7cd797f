"""Which rows are next at these destinations: urgent ones first, then the longest due. One statement."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, Integer, Select, bindparam, literal_column, select, text

from services.kernel.columns import UtcDateTime, table
from services.kernel.delivery.models import DeliveryRow
from services.kernel.sql import Look, Sql

_NAMES: Final = ("id", "destination", "kind", "body", "state", "urgent", "due_at", "fence", "attempts")
_SQLITE: Final = """
json_each(:destinations) t JOIN delivery v ON v.id IN (SELECT id FROM (
    SELECT id, urgent, due_at FROM (SELECT id, urgent, due_at FROM delivery
      WHERE settled_at IS NULL AND destination = t.key AND state = :state AND urgent = :yes AND due_at <= :now
        AND (give_up_at > :now OR :state = 'unknown') AND (attempts = 0 OR t.value)
      ORDER BY due_at LIMIT :most)
    UNION ALL
    SELECT id, urgent, due_at FROM (SELECT id, urgent, due_at FROM delivery
      WHERE settled_at IS NULL AND destination = t.key AND state = :state AND urgent = :no AND due_at <= :now
        AND (give_up_at > :now OR :state = 'unknown') AND (attempts = 0 OR t.value)
      ORDER BY due_at LIMIT :most)
  ) ORDER BY urgent DESC, due_at LIMIT :most)
"""
# `v` by its key alone: with "settled_at IS NULL" repeated, a plan could begin with all that is open.
_POSTGRESQL: Final = """
delivery v WHERE v.state = :state AND v.id = ANY(ARRAY(
  SELECT next.id FROM jsonb_each(CAST(:destinations AS jsonb)) t CROSS JOIN LATERAL (SELECT id FROM (
    (SELECT id, urgent, due_at FROM delivery
      WHERE settled_at IS NULL AND destination = t.key AND state = :state AND urgent = :yes AND due_at <= :now
        AND (give_up_at > :now OR :state = 'unknown') AND (attempts = 0 OR CAST(t.value AS boolean))
      ORDER BY due_at LIMIT :most)
    UNION ALL
    (SELECT id, urgent, due_at FROM delivery
      WHERE settled_at IS NULL AND destination = t.key AND state = :state AND urgent = :no AND due_at <= :now
        AND (give_up_at > :now OR :state = 'unknown') AND (attempts = 0 OR CAST(t.value AS boolean))
      ORDER BY due_at LIMIT :most)
  ) due ORDER BY urgent DESC, due_at LIMIT :most) next))
"""


def _select(found: str) -> Select[Any]:
    typed = text(found).bindparams(
        bindparam("now", type_=UtcDateTime), bindparam("most", type_=Integer),
        bindparam("yes", True, type_=Boolean), bindparam("no", False, type_=Boolean),
    )  # fmt: skip
    columns = (literal_column(f"v.{name}", table(DeliveryRow).c[name].type) for name in _NAMES)
    return select(*columns).select_from(typed)


class Picked(NamedTuple):
    id: UUID
    destination: str
    kind: str
    body: bytes
    state: str
    urgent: bool
    due_at: datetime
    fence: int
    attempts: int


_STATEMENT: Final = Sql(
    {"sqlite": _select(_SQLITE), "postgresql": _select(_POSTGRESQL).suffix_with("FOR UPDATE OF v")}, Picked
).of(DeliveryRow)


def pick(
    look: Look,
    state: str,
    now: datetime,
    destinations: Mapping[str, bool],
    most: int,
) -> list[Picked]:
    """At most `most` due rows of each of these destinations; where it says False, first tries only.

    What has passed its `give_up_at` is not sent any more, but may still be asked about.
    """
    if not destinations:
        return []
    return look.all(_STATEMENT, state=state, now=now, destinations=json.dumps(destinations), most=most)
