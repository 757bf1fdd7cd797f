"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, cast

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Table, insert
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from services.kernel.sql import Row, Sql


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps no zone, so it is stored naive there and given back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object]:
        """One step instead of SQLAlchemy's three: a case has some forty instants written."""
        return _text_of if dialect.name == "sqlite" else _aware

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[object], datetime | None]:
        return cast(Callable[[object], datetime | None], _read_text if dialect.name == "sqlite" else _aware)


Big: Final = BigInteger().with_variant(Integer, "sqlite")
"""64 bits: what is counted for ever, and money in fen. (SQLite numbers rows only as INTEGER.)"""


def _aware(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a naive datetime has no place in a store: give it a zone")
    return value.astimezone(UTC)


@lru_cache(maxsize=512)  # a group writes its one instant into many rows
def _text_of(value: datetime | None) -> str | None:
    known = _aware(value)
    return None if known is None else known.replace(tzinfo=None).isoformat(" ", "microseconds")


def _read_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


@lru_cache(maxsize=256)
def inserting(model: type[SQLModel]) -> Sql[Row]:
    """The INSERT into a model's table, made once."""
    return Sql(insert(table(model)))


def table(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements that need no objects."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]
