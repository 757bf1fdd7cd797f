"""A service's own database and the one way to write to it: `Store.run`.

Units of work queue up for the service's writer. It takes all that wait, runs them in one transaction,
commits once, then answers. If one fails, the group is rolled back and each unit runs
alone, so that a bad unit hurts only itself. A unit therefore does nothing but SQL, and may run twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session, SQLModel

from services.domain.events import Event
from services.kernel import outbox
from services.kernel.columns import inserting, table
from services.kernel.delivery.models import DeliveryRow, row_of
from services.kernel.engines import WAIT_IN_LOOP, open_engine
from services.kernel.eventlog import Record
from services.kernel.lock import FileLock
from services.kernel.messages import Message, Request
from services.kernel.surroundings import Surroundings
from services.kernel.writer import Job, Later, Writer

T = TypeVar("T")
Hearing = Mapping[type[Event], Callable[..., Iterable[Message]]]


class Tx(Session):
    """The running transaction. `now` is one instant for the whole group; `source` said the event in hand."""

    def __init__(self, engine: Engine, service: str, around: Surroundings, hearing: Hearing) -> None:
        super().__init__(engine, expire_on_commit=False)
        self.service, self.source, self.random = service, service, around.random
        self.now: datetime = around.now()
        self.new_id: Callable[[], UUID] = around.new_id
        self.events: list[Event] = []
        self.requests = 0
        self._hearing = hearing
        self._rows: defaultdict[type[SQLModel], list[dict[str, object]]] = defaultdict(list)

    def put(self, *messages: Message) -> None:
        """Let messages leave with this transaction. The service hears its own events here, at once."""
        for message in messages:
            if isinstance(message, Request):
                self.requests += 1
                self.insert(DeliveryRow, **row_of(message, self.new_id(), self.now))
                continue
            self.events.append(message)
            if handler := self._hearing.get(type(message)):
                said_by, self.source = self.source, self.service
                self.put(*handler(message, self))
                self.source = said_by

    def insert(self, model: type[SQLModel], **row: object) -> None:
        """Insert a row with its group's others, in one statement, before anything is read."""
        self._rows[model].append(row)

    def flush_rows(self) -> None:
        waiting, self._rows = self._rows, defaultdict(list)
        for model, rows in waiting.items():
            self.connection().execute(inserting(model), rows)


@event.listens_for(Tx, "do_orm_execute")
def _see_own_rows(state: ORMExecuteState) -> None:
    cast(Tx, state.session).flush_rows()


class Store:
    """One service's database. `start` takes the file's lock, makes the tables and starts the writer.

    `on_commit` is called in the event loop after each commit with the outbox rows it wrote and the
    number of requests; it must not block.
    """

    def __init__(
        self, url: str, service: str, tables: Sequence[type[SQLModel]], around: Surroundings
    ) -> None:
        self.service, self.around = service, around
        self.engine = open_engine(url, writes=True, wait=WAIT_IN_LOOP)
        self._read_engine = open_engine(url, writes=False)
        self.hearing: Hearing = {}
        self.on_commit: list[Callable[[list[tuple[int, Record]], int], None]] = []
        self._tables = [table(model) for model in tables]
        self._writer = Writer[Callable[[Tx], object]](f"{service}.writer", self._group, self._announce)
        self._readers = ThreadPoolExecutor(4, thread_name_prefix=f"{service}.reader")
        self._published: list[tuple[list[tuple[int, Record]], int]] = []
        path = self.engine.url.database or f"{service}.db"
        self._lock = FileLock(Path(f"{path}.lock"))

    async def start(self) -> None:
        await asyncio.to_thread(self._open)
        self._writer.start()

    def _open(self) -> None:
        Path(self.engine.url.database or ".").parent.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()
        with self.engine.begin() as connection:
            SQLModel.metadata.create_all(connection, tables=self._tables)

    async def close(self) -> None:
        await self._writer.close()
        self._readers.shutdown()
        self.engine.dispose()
        self._read_engine.dispose()
        self._lock.release()

    async def run(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction and return its result after the COMMIT; raise what it raised."""
        return cast(T, await self._writer.run(work))

    def later(self, work: Callable[[Tx], object]) -> None:
        """Let `work` join the next group. Only for what may be lost and repeated (marks, positions)."""
        self._writer.later(work)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run a query on a connection that cannot write."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Session], T]) -> T:
        with Session(self._read_engine, autoflush=False, expire_on_commit=False) as session:
            return work(session)

    def _group(self, jobs: list[Job[Callable[[Tx], object]]]) -> None:
        try:
            self._together(jobs)
        except Later:
            raise
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].error = error
                return
            for job in jobs:
                self._alone(job)

    def _alone(self, job: Job[Callable[[Tx], object]]) -> None:
        try:
            self._together([job])
        except Exception as error:
            job.error = error

    def _together(self, jobs: list[Job[Callable[[Tx], object]]]) -> None:
        with Tx(self.engine, self.service, self.around, self.hearing) as tx, tx.begin():
            _begin(tx)
            for job in jobs:
                job.result = job.work(tx)
            tx.flush_rows()
            rows = outbox.write(tx, tx.events) if tx.events else []
        self._published.append((rows, tx.requests))

    def _announce(self) -> None:
        done, self._published = self._published, []
        for rows, requests in done:
            for hear in self.on_commit:
                hear(rows, requests)


def _begin(tx: Tx) -> None:
    """BEGIN IMMEDIATE; Later when another process is writing (the event loop must not wait for it)."""
    try:
        tx.connection()
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise Later from None
        raise
