"""Small services for the kernel's tests: one says things, one hears them, and the clock is ours."""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import Field, SQLModel, col, select

from services.domain.events import AnswerGiven, CallerInformed
from services.kernel.database.schema import History
from services.kernel.service import KERNEL, Handlers
from services.kernel.store import Store, Tx
from services.kernel.surroundings import Surroundings
from tests.places import Place

SEALED = "contact.k1.QUJD"
START = datetime(2026, 9, 30, 15, 0, tzinfo=UTC)


class Heard(SQLModel, table=True):
    """What a test service heard, in the order it heard it."""

    __tablename__ = "heard"
    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID
    name: str


HEARD = History("heard", (Heard,))


class Clock:
    """A clock that a test turns by hand."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


def surroundings(seed: int = 7, clock: Callable[[], datetime] | None = None) -> Surroundings:
    return Surroundings(
        now=clock or (lambda: datetime.now(UTC)), random=random.Random(seed), steered=clock is not None
    )


def store_at(
    place: Place, name: str, around: Surroundings | None = None, hearing: Handlers | None = None,
    settings: str = "",
) -> Store:  # fmt: skip
    """`settings`: what follows the store's URL."""
    histories = (KERNEL, HEARD)
    store = Store(place.url(name, *histories) + settings, name, histories, around or surroundings())
    store.hearing = hearing or {}
    return store


def answer(case_id: UUID, tx: Tx) -> AnswerGiven:
    return AnswerGiven(case_id=case_id, at=tx.now, text=SEALED)


def informed(case_id: UUID, tx: Tx) -> CallerInformed:
    return CallerInformed(case_id=case_id, at=tx.now, channel="web", about="answer")


class Statement(str):
    """What asyncpg ran."""

    def __new__(cls, logged: object) -> "Statement":
        made = super().__new__(cls, logged.query)  # type: ignore[attr-defined]
        made.values = logged.args  # type: ignore[attr-defined]
        return made

    values: tuple[object, ...]


@contextmanager
def statements_of(store: Store) -> Iterator[list[str]]:
    """The statements that the writing connection runs meanwhile: as SQLite sees them, values filled in; on
    PostgreSQL one for many rows, and each with its `values`."""
    seen: list[str] = []
    connection = store.database._connection  # type: ignore[attr-defined]
    if isinstance(connection, sqlite3.Connection):
        connection.set_trace_callback(seen.append)
        yield seen
        connection.set_trace_callback(None)
        return

    def note(logged: object) -> None:
        seen.append(Statement(logged))

    connection.add_query_logger(note)
    yield seen
    connection.remove_query_logger(note)


async def heard(store: Store) -> list[tuple[UUID, str]]:
    def query(session: object) -> list[tuple[UUID, str]]:
        rows = session.exec(select(Heard).order_by(col(Heard.id)))  # type: ignore[attr-defined]
        return [(row.case_id, row.name) for row in rows]

    return await store.read(query)


async def until(check: Callable[[], object], seconds: float = 40) -> None:
    """Wait until `check` (a function or a coroutine function) is true."""
    async with asyncio.timeout(seconds):
        while True:
            result = check()
            if asyncio.iscoroutine(result):
                result = await result
            if result:
                return
            await asyncio.sleep(0.01)
