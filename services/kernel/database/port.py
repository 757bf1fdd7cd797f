"""The port between a store and its database: one connection that writes, and sessions that read.

Two implementations, one suite: sqlite.py, postgres.py; tests/kernel/test_store.py and what follows it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from services.kernel.database.sessions import Looking
from services.kernel.database.shards import Shards
from services.kernel.sql import Write

if TYPE_CHECKING:
    from services.kernel.database.schema import History

T = TypeVar("T")


class Writing(Protocol):
    """The writing connection inside a transaction. Raises Passing, Collision; all else is our own mistake.

    `dialect`: "sqlite" or "postgresql"; `text` is in its words, `values` are its driver's. `instance`: this
    process among those that share the database; 0 where nobody shares it.
    """

    dialect: str
    instance: int

    def fetch(self, text: str, values: Sequence[object]) -> Sequence[Sequence[object]]: ...

    def run(self, text: str, values: Sequence[object]) -> int:
        """Run it once; how many rows it touched."""

    def run_all(self, writes: Sequence[Write]) -> None:
        """Run these in their order, in as few round trips as there can be."""


class Database(Protocol):
    """One service's database. `shared`: other processes may write to it."""

    shared: bool

    async def open(self, histories: "Sequence[History]", *, visiting: bool = False) -> None:
        """Make ready to write, with all tables at their newest version.

        `visiting`: beside the process whose database it is, for one write; its tables are as they are.

        Raises Held when another process is the writer and only one may be, StoreUnusable when a person must
        mend it.
        """

    async def transact(self, work: Callable[[Writing, datetime], T]) -> T:
        """Run `work` between BEGIN and COMMIT; it gets the transaction's instant by the database's clock.

        Raises Later when it could not begin, or the connection was lost before the COMMIT, and nothing has
        happened; Unsure when the COMMIT failed; what `work` raises after a ROLLBACK.
        """

    @property
    def now(self) -> Callable[[], datetime]:
        """The database's clock: leases and due times of several processes are its."""

    async def read(self, work: Callable[[Looking], T]) -> T:
        """Run a query on a connection that cannot write."""

    def shards(self, woken: Callable[[], None]) -> Shards:
        """The shards of its outbox. `woken`: another process may have written to one of ours."""

    async def close(self) -> None: ...
