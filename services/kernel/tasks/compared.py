"""What the comparison with the units' systems keeps: its last run for each unit, and every difference."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.kernel.columns import UtcDateTime
from services.kernel.kept import Kept

OPEN: Final = "settled_at IS NULL"  # queries repeat this, or SQLite does not use the partial index


class TaskComparison(SQLModel, table=True):
    """One unit's last run. `asked` tasks of ours of which `unanswered` got no answer; `listed`: whether the
    system could say what it has besides. `wanted_at`: somebody asked for a run.

    Not over, or cut short, while `ended_at` is before `begun_at`.
    """

    __tablename__ = "task_comparison"
    unit: str = Field(primary_key=True)
    wanted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    asked: int = 0
    unanswered: int = 0
    same: int = 0
    healed: int = 0
    person: int = 0
    listed: bool = False


class TaskDifference(SQLModel, table=True):
    """A task of which the unit's system and we know different things; `id` is "<unit> <key>".

    `verdict`: verdicts.Do. `case_id`, `number`: of our case; None for a task that we do not know.
    `settled_by`: "rule" (healed, or gone by itself), or who saw to it.
    """

    __tablename__ = "task_difference"
    __table_args__ = (
        Index(
            "task_difference_open", "unit", "id", sqlite_where=text(OPEN), postgresql_where=text(OPEN),
        ),
        Index("task_difference_settled", "settled_at"),
    )  # fmt: skip
    id: str = Field(primary_key=True)
    unit: str
    key: str
    case_id: UUID | None = None
    number: str | None = None
    ours: str
    theirs: str
    verdict: str
    found_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: str | None = None
    note: str | None = None


@dataclass(slots=True)
class Run:
    """A row of `task_comparison`."""

    unit: str
    wanted_at: datetime | None = None
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    asked: int = 0
    unanswered: int = 0
    same: int = 0
    healed: int = 0
    person: int = 0
    listed: bool = False


@dataclass(slots=True)
class Difference:
    """A row of `task_difference`."""

    id: str
    unit: str
    key: str
    case_id: UUID | None
    number: str | None
    ours: str
    theirs: str
    verdict: str
    found_at: datetime
    seen_at: datetime
    settled_at: datetime | None = None
    settled_by: str | None = None
    note: str | None = None


RUNS: Final = Kept(TaskComparison, Run, key="unit")
DIFFERENCES: Final = Kept(TaskDifference, Difference, key="id")


def difference_id(unit: str, key: str) -> str:
    return f"{unit} {key}"
