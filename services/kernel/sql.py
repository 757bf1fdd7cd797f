"""A statement made once, at module level: compiled for a database when it first runs there.

SQLAlchemy says what the statement is and how its types travel. Running a constant statement through
SQLAlchemy's own connection costs 27 to 44 µs, most of what a transaction took here; this costs 6 to 9
(docs/decisions/0010).
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from sqlalchemy import BindParameter, ClauseElement, Delete, Insert, Table, Update
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import SQLModel

from services.kernel.arrays import ALL, over_arrays
from services.kernel.compiled import DIALECTS, Ready, Values

__all__ = ["DIALECTS", "Look", "Row", "Sql", "Values", "Write"]

R = TypeVar("R", covariant=True)


class Row(Protocol):
    """A row as a named tuple of the statement's columns."""

    def __getattr__(self, name: str) -> Any: ...

    def __getitem__(self, index: int) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


class Look(Protocol):
    """What can be asked: a transaction (`Tx`), or a reader (`store.Looking`)."""

    def all(self, sql: "Sql[R]", /, **values: object) -> list[R]: ...

    def one(self, sql: "Sql[R]", /, **values: object) -> R | None: ...


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

    def of_many(self, names: Iterable[str]) -> Ready[R]:
        """For PostgreSQL: the statement for many rows, to be given their values as `arrays.lists_of`."""
        key = ("arrays", *names)
        found = self._ready.get(key)
        if found is None:
            clause = self._clauses["postgresql"]
            if not isinstance(clause, Insert | Update | Delete):
                raise TypeError(f"runs once, not for many rows: {clause}")
            binds = self._compiled("postgresql", frozenset(names)).binds
            many = Sql(over_arrays(clause, {name: binds[name].type for name in names}))
            lists = {f"{ALL}{name}": () for name in names}
            found = self._ready[key] = cast(Ready[R], many.ready("postgresql", lists))
        return found

    def make(self, columns: Sequence[str]) -> Callable[[Iterable[object]], R]:
        """How a row is made of the columns' values."""
        into = cast(Callable[..., R], self._into or _named(tuple(columns)))
        made = getattr(into, "_make", None)
        return made if made is not None else lambda row: into(*row)

    def _compile(self, dialect: str, names: frozenset[str]) -> Ready[R]:
        compiled = self._compiled(dialect, names)
        columns = getattr(self._clauses[dialect], "exported_columns", None)
        return Ready(compiled, names, self.make(list(columns.keys()) if columns else ()))

    def _compiled(self, dialect: str, names: frozenset[str]) -> SQLCompiler:
        clause = self._clauses[dialect]
        said = {one.key for one in visitors.iterate(clause) if isinstance(one, BindParameter)}
        # As for many rows: for one, SQLAlchemy would add a RETURNING that nobody reads.
        compiled = clause.compile(
            dialect=DIALECTS[dialect], column_keys=sorted(names - said), for_executemany=True,
        )  # fmt: skip
        if "POSTCOMPILE" in str(compiled):
            raise TypeError(f"an IN whose text depends on its values; use among() or or_(): {compiled}")
        return cast(SQLCompiler, compiled)


Write = tuple[Sql[object], Sequence[Values]]
"""A statement to be run for each of these rows, which name the same values; no two touch the same row."""


def _tables(clause: ClauseElement) -> Iterable[Table]:
    return (one for one in visitors.iterate(clause) if isinstance(one, Table))


@lru_cache(maxsize=512)
def _named(columns: tuple[str, ...]) -> type[tuple[Any, ...]]:
    return namedtuple("Row", columns, rename=True)
