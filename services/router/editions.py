"""Editions of the rule book (分派方案): all units and all rules, who wrote them, since when they apply.

The city folder is the first; what supervisors make on the board follows. A draft may be edited; an edition
that was activated never changes again, so that every decision can be explained for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Index, Integer, bindparam, func, select
from sqlmodel import Field, Session, SQLModel, col
from sqlmodel import select as choose

from services.domain.rule_book import Texts
from services.kernel.columns import UtcDateTime, table
from services.kernel.kept import Kept
from services.kernel.sql import Look, Sql

FOLDER: Final = "city"
"""The author of what came with the city's folder."""


class Stage(StrEnum):
    """Whether an edition is still written, was activated (for now, before or later), or was given up."""

    DRAFT = "draft"
    ACTIVE = "active"
    DISCARDED = "discarded"


class RouterEdition(SQLModel, table=True):
    """An edition. `turn`: its place in the order of activations; `version`: what decisions are told by.

    `base`: the edition that the draft was made from; `revision` counts the edits. `effective_at`: since when
    it applies; `in_force_at`: when that was noticed, and units that are closed by it were noted.
    """

    __tablename__ = "router_edition"
    __table_args__ = (Index("router_edition_turn", "turn", "effective_at"),)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    stage: str
    version: str
    base: int | None
    units: str
    rules: str
    author: str
    note: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    revision: int
    edited_by: str
    edited_at: datetime = Field(sa_type=UtcDateTime)
    turn: int | None
    activated_by: str | None
    activated_at: datetime | None = Field(sa_type=UtcDateTime)
    effective_at: datetime | None = Field(sa_type=UtcDateTime)
    in_force_at: datetime | None = Field(sa_type=UtcDateTime)


@dataclass(slots=True)
class Edition:
    """The row of `router_edition`."""

    number: int
    stage: str
    version: str
    base: int | None
    units: str
    rules: str
    author: str
    note: str
    made_at: datetime
    revision: int
    edited_by: str
    edited_at: datetime
    turn: int | None
    activated_by: str | None
    activated_at: datetime | None
    effective_at: datetime | None
    in_force_at: datetime | None

    @property
    def texts(self) -> Texts:
        return Texts(self.units, self.rules)

    @property
    def tag(self) -> str:
        """What its ETag says: another one means that somebody has changed it."""
        return f"{self.number}.{self.revision}"


EDITIONS: Final = Kept(RouterEdition, Edition, key="number")
_TABLE: Final = table(RouterEdition)
_EDITIONS: Final = select(*(_TABLE.c[name] for name in Edition.__slots__))
_ONE: Final = Sql(_EDITIONS.where(_TABLE.c.number == bindparam("wanted")), Edition)
_OF_VERSION: Final = Sql(
    _EDITIONS.where(_TABLE.c.version == bindparam("wanted"), _TABLE.c.turn.is_not(None))
    .order_by(_TABLE.c.turn.desc())
    .limit(1),
    Edition,
)
_IN_FORCE: Final = Sql(
    select(_TABLE.c.number)
    .where(_TABLE.c.turn.is_not(None), _TABLE.c.effective_at <= bindparam("now"))
    .order_by(_TABLE.c.turn.desc())
    .limit(1)
)
_NEWEST: Final = Sql(
    select(_TABLE.c.number).where(_TABLE.c.turn.is_not(None)).order_by(_TABLE.c.turn.desc()).limit(1)
)
_BEFORE: Final = Sql(
    select(_TABLE.c.number)
    .where(_TABLE.c.turn < bindparam("turn_of_it", type_=Integer))
    .order_by(_TABLE.c.turn.desc())
    .limit(1)
)
_LAST: Final = Sql(
    select(
        func.coalesce(func.max(_TABLE.c.number), 0).label("number"),
        func.coalesce(func.max(_TABLE.c.turn), 0).label("turn"),
    )
)
_USED: Final = Sql(select(_TABLE.c.number).where(_TABLE.c.version == bindparam("wanted")).limit(1))
_OF_FOLDER: Final = Sql(
    _EDITIONS.where(_TABLE.c.author == FOLDER).order_by(_TABLE.c.number.desc()).limit(1), Edition
)


def read(look: Look, number: int) -> Edition | None:
    return look.one(_ONE, wanted=number)


def of_version(look: Look, version: str) -> Edition | None:
    """The activated edition whose decisions are told by `version`."""
    return look.one(_OF_VERSION, wanted=version)


def in_force(look: Look, now: datetime) -> int | None:
    """The number of the edition that applies at `now`; None before the first."""
    found = look.one(_IN_FORCE, now=now)
    return None if found is None else int(found.number)


def newest(look: Look) -> int | None:
    """The number of the edition that was activated last, in force already or scheduled."""
    found = look.one(_NEWEST)
    return None if found is None else int(found.number)


def before(look: Look, edition: Edition) -> int | None:
    """The number of the one that was in force before this activated edition."""
    found = look.one(_BEFORE, turn_of_it=edition.turn)
    return None if found is None else int(found.number)


def last_number(look: Look) -> tuple[int, int]:
    """The largest number and the largest turn so far; 0 for none."""
    found = look.all(_LAST)[0]
    return int(found.number), int(found.turn)


def version_for(look: Look, said: str, number: int) -> str:
    """What rules.toml calls itself, with the edition's number where another one is called so."""
    return said if look.one(_USED, wanted=said) is None else f"{said}.{number}"


def of_folder(look: Look) -> Edition | None:
    """What the city's folder said when it last changed."""
    return look.one(_OF_FOLDER)


def listed(session: Session, limit: int, below: int | None = None) -> Sequence[RouterEdition]:
    """Editions, newest first, from the one before `below` on."""
    wanted = choose(RouterEdition).order_by(col(RouterEdition.number).desc()).limit(limit)
    if below is not None:
        wanted = wanted.where(col(RouterEdition.number) < below)
    return session.exec(wanted).all()
