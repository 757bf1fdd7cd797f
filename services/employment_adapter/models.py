"""The adapter's own tables beside its tasks: visits, the city's vacancies, calendar links."""

from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.kernel.columns import UtcDateTime
from services.kernel.database.schema import History
from services.kernel.problem import Problem, read_kinds

OPEN: Final = "closed_at IS NULL"  # queries repeat these, or SQLite does not use the partial indexes
PLANNED: Final = f"{OPEN} AND starts_at IS NOT NULL"
WAITING: Final = f"{OPEN} AND starts_at IS NULL"
DUE: Final = "follow_up_at IS NOT NULL AND followed_up_at IS NULL"
_HERE: Final = Path(__file__).parent
_KINDS: Final = read_kinds(_HERE)


def _index(name: str, rows: str, *columns: str, unique: bool = False) -> Index:
    """An index of these rows alone."""
    return Index(name, *columns, unique=unique, sqlite_where=text(rows), postgresql_where=text(rows))


class Visit(SQLModel, table=True):
    """The visits (上门走访) of one task, by one assistant (staff number); None: nobody has the street.

    `street`: nine digits. `starts_at`, `ends_at`: the next visit agreed on. `safety` is sealed[task]: what
    whoever goes there must know. `follow_up_at`: when the assistant asks again; `follow_up`: FOLLOW_UPS.
    `wish` is sealed[task], wishes.Wish as JSON, once an assistant has put it right; `bring`: ids of vacancies
    to bring along, a JSON list.
    """

    __tablename__ = "visit"
    __table_args__ = (
        _index("visit_open", OPEN, "unit", "assistant"),
        _index("visit_slot", OPEN, "assistant", "starts_at", unique=True),
        _index("visit_waiting", WAITING, "assistant", "opened_at"),
        _index("visit_of_unit_planned", PLANNED, "unit", "starts_at"),
        _index("visit_of_unit_waiting", WAITING, "unit", "opened_at"),
        _index("visit_due", DUE, "assistant", "follow_up_at"),
        _index("visit_of_unit_due", DUE, "unit", "follow_up_at"),
    )
    task: str = Field(primary_key=True)
    case_id: UUID
    unit: str
    street: str | None = None
    assistant: str | None = None
    opened_at: datetime = Field(sa_type=UtcDateTime)
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    safety: str | None = Field(default=None, repr=False)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    follow_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    followed_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    follow_up: str | None = None
    wish: str | None = Field(default=None, repr=False)
    bring: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})


class Vacancy(SQLModel, table=True):
    """A vacancy (岗位) of the city's list, as `vacancy_list.Listed` explains it.

    `occupation`: code, "" none that is known. `district`, `street`: where the work is, six and nine digits.
    """

    __tablename__ = "vacancy"
    __table_args__ = (Index("vacancy_match", "occupation", "district", "pay_max"),)
    id: str = Field(primary_key=True)
    title: str
    employer: str
    occupation: str
    address: str
    district: str
    street: str | None = None
    pay_min: int
    pay_max: int
    age_min: int
    age_max: int
    nights: bool
    openings: int
    until: date
    requirements: str
    phone: str


class VisitFeed(SQLModel, table=True):
    """An assistant's calendar link: SHA-256 of its token, which is shown once. A new one replaces it."""

    __tablename__ = "visit_feed"
    assistant: str = Field(primary_key=True)
    digest: str = Field(unique=True, repr=False)
    made_at: datetime = Field(sa_type=UtcDateTime)


def problem(slug: str) -> Problem:
    """The problem with its words, of this folder's problems.toml."""
    kind = _KINDS[slug]
    return Problem(slug, kind.status, kind.zh, kind.en, kind.retryable)


HISTORY: Final = History("visits", (Visit, Vacancy, VisitFeed), _HERE / "migrations")
