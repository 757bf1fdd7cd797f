"""A service's own database and the one way to write to it: `Store.run`.

Units of work queue up for the service's writer. It takes all that wait, loads the rows that they want, runs
them in one transaction, commits once, then answers. If one fails, the group is rolled back and each unit runs
alone, so that a bad unit hurts only itself. A unit therefore does nothing but SQL, and may run twice.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, cast

from services.kernel import outbox
from services.kernel.database.errors import Collision, Knotted, Passing, Unsure
from services.kernel.database.port import Database, Writing
from services.kernel.database.schema import History
from services.kernel.database.sessions import Looking
from services.kernel.database.url import open_database
from services.kernel.eventlog import Record
from services.kernel.kept import Kept, Wanted
from services.kernel.surroundings import Surroundings
from services.kernel.tx import Hearing, Tx
from services.kernel.writer import Job, Later, Writer

__all__ = ["Looking", "Store", "Tx"]

T = TypeVar("T")


class Unit(NamedTuple):
    """A unit of work, and the rows it will look at."""

    work: Callable[[Tx], object]
    wanted: tuple[Wanted, ...]


class Store:
    """One service's database, opened by `start`: the one at `url`, unless another is given.

    `on_commit` is called in the event loop after each commit with the records it wrote and the number of
    requests; it must not block.
    """

    def __init__(
        self,
        url: str,
        service: str,
        histories: Sequence[History],
        around: Surroundings,
        database: Database | None = None,
    ) -> None:
        self.service, self.around = service, around
        self.database = database or open_database(url, service, around)
        self.hearing: Hearing = {}
        self.on_commit: list[Callable[[list[Record], int], None]] = []
        # Ids by the database's clock: what several services said of a case is put in order by them.
        self._dating = self.by_its_clock()
        self._histories = histories
        self._writer = Writer[Unit](f"{service}.writer", self._group)

    @property
    def shared(self) -> bool:
        """Whether other processes may write to it."""
        return self.database.shared

    async def start(self, *, visiting: bool = False) -> None:
        """`visiting`: beside the process whose store it is, for one write of a command."""
        await self.database.open(self._histories, visiting=visiting)

    async def close(self) -> None:
        await self._writer.close()
        await self.database.close()

    async def run(self, work: Callable[[Tx], T], *wanted: Wanted) -> T:
        """Run `work` in a transaction and return its result after the COMMIT; raise what it raised.

        `wanted`: rows it will look at, read with the group's others before it runs.
        """
        return cast(T, await self._writer.run(Unit(work, wanted)))

    def later(self, work: Callable[[Tx], object]) -> None:
        """Let `work` join the next group. Only for what may be lost and repeated (marks, positions)."""
        self._writer.later(Unit(work, ()))

    async def read(self, work: Callable[[Looking], T]) -> T:
        """Run a query on a connection that cannot write."""
        return await self.database.read(work)

    def now(self) -> datetime:
        """The instant by the database's clock, by which leases and due times are set."""
        return self.database.now()

    def by_its_clock(self) -> Surroundings:
        """Our surroundings with the database's clock: nothing is signed or verified by a machine's own."""
        return replace(self.around, now=self.now)

    async def _group(self, jobs: list[Job[Unit]]) -> None:
        try:
            await self._together(jobs)
        except Later:
            raise
        except Unsure as error:
            for job in jobs:  # whether it may run twice, only its caller knows
                job.error = error
        except Exception as error:
            if len(jobs) == 1 and not isinstance(error, Collision | Knotted):
                jobs[0].error = error
                return
            for job in jobs:  # one that collided sees now what it collided with
                await self._alone(job)

    async def _alone(self, job: Job[Unit]) -> None:
        try:
            await self._together([job])
        except Later:
            job.error = Passing("away")
        except Exception as error:
            job.error = error

    async def _together(self, jobs: list[Job[Unit]]) -> None:
        def transaction(writing: Writing, now: datetime) -> tuple[list[Record], int]:
            tx = Tx(writing, now, self.service, self._dating, self.hearing)
            _load(tx, jobs)
            for job in jobs:
                job.result = job.work.work(tx)
            tx.end()
            records = outbox.write(tx, tx.events) if tx.events else []
            tx.write_all()
            return records, tx.requests

        records, requests = await self.database.transact(transaction)
        for hear in self.on_commit:
            hear(records, requests)


def _load(tx: Tx, jobs: Sequence[Job[Unit]]) -> None:
    """Read what all units want: one statement for each table."""
    keys: defaultdict[Kept[Any], set[Hashable]] = defaultdict(set)
    for job in jobs:
        for kept, key in job.work.wanted:
            keys[kept].add(key)
    for kept, wanted in keys.items():
        kept.load(tx, wanted)
