"""The port between a store and its database: one connection that writes, and an engine for readers.

Two implementations, one suite: database_sqlite.py, database_postgres.py; tests/kernel/test_store.py.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Engine, Table

T = TypeVar("T")


class Passing(Exception):
    """The database cannot do it now: locked, full, gone, a deadlock. The same work may succeed later."""


class Collision(Exception):
    """A row with this key is there already."""


class Writing(Protocol):
    """The writing connection inside a transaction. Raises Passing, Collision; all else is our own mistake.

    `dialect`: "sqlite" or "postgresql"; `text` is in its words, `values` are its driver's.
    """

    dialect: str

    def fetch(self, text: str, values: Sequence[object]) -> Sequence[Sequence[object]]: ...

    def run(self, text: str, values: Sequence[object]) -> int:
        """Run it once; how many rows it touched."""

    def run_many(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        """Run it once for each of `rows`, in one round trip where there are round trips."""


class Database(Protocol):
    """One service's database."""

    async def open(self, tables: Sequence[Table], *, visiting: bool = False) -> None:
        """Make ready to write. `visiting`: beside the process whose database it is, for one write.

        Raises Held when another process is the writer and only one may be.
        """

    async def transact(self, work: Callable[[Writing, datetime], T]) -> T:
        """Run `work` between BEGIN and COMMIT; it gets the transaction's instant by the database's clock.

        Raises Later when it could not begin, and nothing has happened; what `work` raises after a ROLLBACK.
        Passing from the COMMIT itself: nobody knows whether it happened, so units carry their own keys.
        """

    def readers(self) -> Engine:
        """Connections that cannot write."""

    async def close(self) -> None: ...
