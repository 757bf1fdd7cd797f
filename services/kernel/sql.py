"""A statement made once, at module level: compiled for a database when it first runs there.

SQLAlchemy says what the statement is and how its types travel. Running a constant statement through
SQLAlchemy's own connection costs 27 to 44 µs, most of what a transaction took here; this costs 6 to 9
(docs/decisions/0010).
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar, cast, overload

from sqlalchemy import BindParameter, ClauseElement, Dialect, Table
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

R = TypeVar("R", covariant=True)
Values = Mapping[str, object]
Convert = Callable[[object], object] | None

FLOAT8: Final = 701  # what PostgreSQL calls a double: SQLAlchemy wants to know how a number arrives
DIALECTS: Final[Mapping[str, Dialect]] = {
    "sqlite": pysqlite.dialect(),
    "postgresql": asyncpg.dialect(),  # type: ignore[no-untyped-call]
}


class Row(Protocol):
    """A row as a named tuple of the statement's columns."""

    def __getattr__(self, name: str) -> Any: ...

    def __getitem__(self, index: int) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


class Look(Protocol):
    """What can be asked: a transaction (`Tx`), or a reader (`store.Looking`)."""

    def all(self, sql: "Sql[R]", /, **values: object) -> list[R]: ...

    def one(self, sql: "Sql[R]", /, **values: object) -> R | None: ...


class _Bind(NamedTuple):
    """A place in the text: the value of this name, or the constant where `name` is None."""

    name: str | None
    convert: Convert
    constant: object


class Ready(Generic[R]):
    """A statement for one database and one set of parameter names."""

    __slots__ = ("_binds", "_make", "_reads", "text")

    def __init__(
        self, compiled: SQLCompiler, names: frozenset[str], make: Callable[[Iterable[object]], R]
    ) -> None:
        self.text = str(compiled)
        self._binds = [_bind(compiled, name, names) for name in compiled.positiontup or ()]
        self._reads = _reads(compiled)
        self._make = make

    def values(self, given: Values) -> list[object]:
        """The driver's values, in the order of their places."""
        return [
            constant if name is None else given[name] if convert is None else convert(given[name])
            for name, convert, constant in self._binds
        ]

    def rows(self, found: Iterable[Sequence[object]]) -> list[R]:
        """The driver's rows as this statement's."""
        make, reads = self._make, self._reads
        if not reads:
            return [make(row) for row in found]
        rows = []
        for row in found:
            converted = list(row)
            for place, convert in reads:
                converted[place] = convert(converted[place])
            rows.append(make(converted))
        return rows


class Sql(Generic[R]):
    """`clause`: a constant SQLAlchemy statement, or one for each database where they differ.

    `into`: what a row becomes, called with the columns in order; a named tuple when it is left out.
    Values are given by name; a `bindparam` with a value of its own need not be given. An INSERT or UPDATE
    without VALUES sets the columns that are given. A list is `among.among`, never an expanding IN.
    """

    __slots__ = ("_clauses", "_into", "_ready", "tables")

    @overload
    def __init__(self: "Sql[Row]", clause: ClauseElement | Mapping[str, ClauseElement]) -> None: ...

    @overload
    def __init__(
        self: "Sql[R]", clause: ClauseElement | Mapping[str, ClauseElement], into: type[R]
    ) -> None: ...

    def __init__(
        self, clause: ClauseElement | Mapping[str, ClauseElement], into: type[R] | None = None
    ) -> None:
        self._clauses = clause if isinstance(clause, Mapping) else dict.fromkeys(DIALECTS, clause)
        self._into = into
        self._ready: dict[tuple[str, ...], Ready[Any]] = {}
        self.tables: frozenset[str] = frozenset(
            one.name for clause in self._clauses.values() for one in _tables(clause)
        )

    def of(self, *models: type[SQLModel]) -> "Sql[R]":
        """Says which tables a statement of plain text looks at: what waits to be written there goes first."""
        self.tables |= {cast(Table, model.__table__).name for model in models}  # type: ignore[attr-defined]
        return self

    def clause(self, dialect: str) -> ClauseElement:
        return self._clauses[dialect]

    def ready(self, dialect: str, given: Values) -> Ready[R]:
        """The statement for these parameter names, compiled at most once."""
        key = (dialect, *given)
        found = self._ready.get(key)
        if found is None:
            found = self._ready[key] = self._compile(dialect, frozenset(given))
        return found

    def make(self, columns: Sequence[str]) -> Callable[[Iterable[object]], R]:
        """How a row is made of the columns' values."""
        into = cast(Callable[..., R], self._into or _named(tuple(columns)))
        made = getattr(into, "_make", None)
        return made if made is not None else lambda row: into(*row)

    def _compile(self, dialect: str, names: frozenset[str]) -> Ready[R]:
        clause = self._clauses[dialect]
        said = {one.key for one in visitors.iterate(clause) if isinstance(one, BindParameter)}
        # As for many rows: for one, SQLAlchemy would add a RETURNING that nobody reads.
        compiled = clause.compile(
            dialect=DIALECTS[dialect], column_keys=sorted(names - said), for_executemany=True,
        )  # fmt: skip
        if "POSTCOMPILE" in str(compiled):
            raise TypeError(f"an IN whose text depends on its values; use among() or or_(): {compiled}")
        columns = getattr(clause, "exported_columns", None)
        return Ready(cast(SQLCompiler, compiled), names, self.make(list(columns.keys()) if columns else ()))


def _bind(compiled: SQLCompiler, name: str, names: frozenset[str]) -> _Bind:
    parameter = compiled.binds[name]
    convert = _impl(parameter.type, compiled.dialect).bind_processor(compiled.dialect)
    key = parameter.key if parameter.key in names else name
    if key in names:
        return _Bind(key, convert, None)
    if parameter.required:
        raise TypeError(f"the statement needs a value for {name!r}")
    constant = parameter.effective_value
    return _Bind(None, None, constant if convert is None else convert(constant))


def _reads(compiled: SQLCompiler) -> list[tuple[int, Callable[[Any], Any]]]:
    columns = getattr(compiled.statement, "exported_columns", None)
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, one in enumerate(columns or ()):
        convert = _impl(one.type, compiled.dialect).result_processor(compiled.dialect, FLOAT8)
        if convert is not None:
            found.append((place, convert))
    return found


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)


def _tables(clause: ClauseElement) -> Iterable[Table]:
    return (one for one in visitors.iterate(clause) if isinstance(one, Table))


@lru_cache(maxsize=512)
def _named(columns: tuple[str, ...]) -> type[tuple[Any, ...]]:
    return namedtuple("Row", columns, rename=True)
