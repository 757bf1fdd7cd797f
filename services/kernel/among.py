"""`column IN (many values)` as one constant statement, whatever the number of values.

SQLAlchemy writes a new text for every length of a list (0.2 ms each time); on the path of every event that
was most of the cost. SQLite reads the values from a JSON array, PostgreSQL from an array.
"""

import json
from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Dialect, String, bindparam, column, func, select
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")


class _Keys(TypeDecorator[Iterable[str | UUID]]):
    """A JSON array of texts; an UUID as SQLite stores it, 32 hex digits."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Iterable[str | UUID] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps([one.hex if isinstance(one, UUID) else one for one in value])


def among(subject: ColumnElement[T], name: str) -> ColumnElement[bool]:
    """The condition that `subject` is one of the values given to the statement as parameter `name`."""
    values = func.json_each(bindparam(name, type_=_Keys())).table_valued(column("value", String))
    return subject.in_(select(values.c.value))
