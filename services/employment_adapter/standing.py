"""Where the visits of a transaction stand, and how many open ones each assistant has."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text

from services.employment_adapter.models import OPEN, Visit
from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.kept import Kept
from services.kernel.sql import Sql
from services.kernel.tx import Tx


@dataclass(slots=True)
class Standing:
    """The columns that people change, as `models.Visit` explains them."""

    task: str
    case_id: UUID
    unit: str
    assistant: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    safety: str | None
    closed_at: datetime | None
    follow_up_at: datetime | None
    followed_up_at: datetime | None
    follow_up: str | None
    wish: str | None
    bring: str


@dataclass(slots=True)
class _Loads:
    """Open visits by unit and assistant, of the units that this transaction has counted."""

    units: dict[str, dict[str, int]] = field(default_factory=dict)


VISITS: Final = Kept(Visit, Standing, key="task")
_VISIT: Final = table(Visit)
_COUNT: Final = Sql(
    select(_VISIT.c.unit, _VISIT.c.assistant, func.count().label("many"))
    .where(text(OPEN), among(_VISIT.c.unit, "units"), _VISIT.c.assistant.is_not(None))
    .group_by(_VISIT.c.unit, _VISIT.c.assistant)
)


def count_loads(tx: Tx, units: Iterable[str]) -> None:
    """Count these units' open visits with one statement."""
    known = tx.note(_Loads).units
    if missing := set(units) - known.keys():
        known.update({unit: {} for unit in missing})
        for unit, assistant, many in tx.all(_COUNT, units=missing):
            known[unit][assistant] = many


def loads_of(tx: Tx, unit: str) -> dict[str, int]:
    """Open visits by assistant; whoever gives one out counts it here."""
    count_loads(tx, (unit,))
    return tx.note(_Loads).units[unit]
