"""`column IN (many values)` as one constant statement, whatever the number of values.

SQLAlchemy writes a new text for every length of a list (0.2 ms each time); on the path of every event that
was most of the cost. SQLite reads the values from a JSON array, PostgreSQL from an array.
"""

import json
from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, Boolean, ColumnElement, Dialect, String, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")


class _Keys(TypeDecorator[Iterable[str | UUID]]):
    """Values of a column's type: for SQLite a JSON array of texts, an UUID as it is stored, 32 hex digits."""

    impl = String
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        wanted: TypeEngine[Any] = String() if dialect.name == "sqlite" else ARRAY(self.kind)
        return dialect.type_descriptor(wanted)

    def process_bind_param(self, value: Iterable[str | UUID] | None, dialect: Dialect) -> object:
        if value is None or dialect.name != "sqlite":
            return None if value is None else list(value)
        return json.dumps([one.hex if isinstance(one, UUID) else one for one in value])


class _Among(ColumnElement[bool]):
    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 (SQLAlchemy's own name and form)
        ("subject", InternalTraversal.dp_clauseelement), ("keys", InternalTraversal.dp_clauseelement),
    ]  # fmt: skip

    def __init__(self, subject: ColumnElement[Any], keys: BindParameter[Any]) -> None:
        self.subject, self.keys = subject, keys

    def self_group(self, against: object = None) -> "_Among":
        """As it stands: with the "= 1" that SQLAlchemy would add, SQLite uses no index."""
        return self


def among(subject: ColumnElement[T], name: str) -> ColumnElement[bool]:
    """The condition that `subject` is one of the values given to the statement as parameter `name`."""
    return _Among(subject, bindparam(name, type_=_Keys(subject.type)))


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **kw: object) -> str:
    subject, keys = compiler.process(element.subject, **kw), compiler.process(element.keys, **kw)
    return f"{subject} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 (both are the compiler's)


@compiles(_Among, "postgresql")
def _any(element: _Among, compiler: SQLCompiler, **kw: object) -> str:
    return f"{compiler.process(element.subject, **kw)} = ANY({compiler.process(element.keys, **kw)})"
