"""A compiled statement: its text for one database, how values go in and how rows come out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

R = TypeVar("R", covariant=True)
Values = Mapping[str, object]
Convert = Callable[[object], object] | None

FLOAT8: Final = 701  # what PostgreSQL calls a double: SQLAlchemy wants to know how a number arrives
DIALECTS: Final[Mapping[str, Dialect]] = {
    "sqlite": pysqlite.dialect(),
    "postgresql": asyncpg.dialect(),  # type: ignore[no-untyped-call]
}


class _Bind(NamedTuple):
    """A place in the text: the value of this name, or the constant where `name` is None."""

    name: str | None
    convert: Convert
    constant: object


class Ready(Generic[R]):
    """A statement for one database and one set of parameter names."""

    __slots__ = ("_binds", "_converts", "_make", "_reads", "_take", "text")

    def __init__(
        self, compiled: SQLCompiler, names: frozenset[str], make: Callable[[Iterable[object]], R]
    ) -> None:
        self.text = str(compiled)
        self._binds = [_bind(compiled, name, names) for name in compiled.positiontup or ()]
        self._converts = [(at, one.convert) for at, one in enumerate(self._binds) if one.convert is not None]
        self._take = _taking([one.name for one in self._binds])
        self._reads = _reads(compiled)
        self._make = make

    def values(self, given: Values) -> list[object]:
        """The driver's values, in the order of their places."""
        if self._take is not None:  # a row of thirty columns passes here for every case
            values = list(self._take(given))
            for place, convert in self._converts:
                values[place] = convert(values[place])
            return values
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


def _taking(names: Sequence[str | None]) -> Callable[[Values], tuple[object, ...]] | None:
    """None where a place holds a constant, or there are fewer than two."""
    return None if None in names or len(names) < 2 else itemgetter(*names)


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
