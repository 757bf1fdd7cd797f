"""One statement for many rows on PostgreSQL: the INSERT, UPDATE or DELETE of one row, joined with its values.

    UPDATE t SET a = given.a FROM unnest($1::varchar[], $2::uuid[]) AS given(a, row_key)
    WHERE t.key = given.row_key

Run once for each row, the server works through a message of its own for every row: 13 µs each beside what
the row itself costs, and a case has some seventy rows (docs/decisions/0011).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import BindParameter, Delete, Insert, Update, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

Types = Mapping[str, TypeEngine[Any]]
ALL: Final = "all_"  # before the name of a list: SQLAlchemy keeps a column's own name for itself


def lists_of(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    """The values of these rows, which name the same ones, as `over_arrays` takes them."""
    return {f"{ALL}{name}": [row[name] for row in rows] for name in rows[0]}


def over_arrays(clause: Insert | Update | Delete, types: Types) -> Insert | Update | Delete:
    """The statement for `lists_of` values. It touches each row at most once.

    `types`: of each value, its parameters and the columns that it sets, as `Sql` has it.
    """
    given = _unnest(types)
    if isinstance(clause, Insert):
        return clause.from_select(list(types), select(*(given.c[name] for name in types)))

    def value(one: object, **_: object) -> object:
        return given.c[one.key] if isinstance(one, BindParameter) and one.key in types else None

    said = {one.key for one in visitors.iterate(clause) if isinstance(one, BindParameter)}
    sets = {name: given.c[name] for name in types if name not in said}
    joined = visitors.replacement_traverse(cast(Any, clause), {}, cast(Any, value))
    return cast(Update | Delete, joined.values(sets) if sets else joined)


def _unnest(types: Types) -> TableValuedAlias:
    arrays = (bindparam(f"{ALL}{name}", type_=ARRAY(kind)) for name, kind in types.items())
    columns = (column(name, kind) for name, kind in types.items())
    return func.unnest(*arrays).table_valued(*columns).render_derived()
