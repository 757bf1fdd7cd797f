"""Connections to PostgreSQL: how they are made, what their errors mean, and the server's clock.

A URL is postgresql://user:password@host:port/database; query parameters become settings of the session, but
`answer_within`, seconds for one answer, is ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from services.kernel.database.errors import Collision, Knotted, Passing, StoreUnusable

SESSION: Final = {
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",  # a paused process must not keep its locks for ever
    "lock_timeout": "10s",
    "synchronous_commit": "on",
    # Pages lie in memory, or on a disk that does not turn. With the server's 4 a new and small table is read
    # as a whole where a few of its rows are looked for: a third of its work while a hotline is young.
    "random_page_cost": "1.1",
    "jit": "off",  # our statements are short: compiling them costs more than running them
    # A machine that lost its power says no goodbye: what its sessions hold must not wait two hours for that.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
INSTANCES: Final = 4712  # class of the advisory locks that say which processes live
RELAYS: Final = 4715  # the same of their relays' sessions
STATEMENTS: Final = 512  # prepared statements that a connection keeps
CLOCK_KEPT: Final = 5.0  # seconds between two looks at the server's clock
CONNECT: Final = 5.0  # seconds
ANSWER: Final = 40.0  # seconds for one answer: longer than the server itself would work on it

# 08 connection, 53 resources (also a full disk), 57 operator intervention and timeouts, 58 system, 25006 a
# server that may only be read (a failover), 25P02 and 25P03 the transaction was ended.
_PASSING: Final = ("08", "53", "57", "58")
_PASSING_STATES: Final = frozenset({"25006", "25P03", "25P02"})
_KNOTS: Final = frozenset({"55P03", "40001", "40P01"})  # lock not available, serialization, deadlock
BROKEN: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""Whatever asyncpg raises. (A connection that is lost while it is busy may say InternalClientError.)"""
_WRONG_PASSWORD: Final = (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)


class NoDatabase(StoreUnusable):
    """The server is there, the database is not."""


def is_passing(error: BaseException) -> bool:
    """True for what may be over in a moment: the server away, busy or full, or two transactions in a knot."""
    if isinstance(error, asyncpg.PostgresError):
        state = getattr(error, "sqlstate", None) or ""
        return state.startswith(_PASSING) or state in _PASSING_STATES | _KNOTS
    return isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError | OSError)


_END_OURS: Final = """SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND classid::bigint = $1 AND objid::bigint = $2 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@contextmanager
def port_errors() -> Iterator[None]:
    """asyncpg's errors as the port's, without values of ours in their texts."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Collision(error.constraint_name or "unique") from None
    except BROKEN as error:
        state = getattr(error, "sqlstate", None)
        if state in _KNOTS:
            raise Knotted(state) from None
        if is_passing(error):
            raise Passing(state or type(error).__name__) from None
        raise


@contextmanager
def session_errors() -> Iterator[None]:
    """The same for what comes through SQLAlchemy: asyncpg's own error, or what SQLAlchemy made of it."""
    try:
        with port_errors():
            yield
    except DBAPIError as error:
        cause = error.orig.__cause__ if error.orig else None
        if error.connection_invalidated or (cause is not None and is_passing(cause)):
            raise Passing(type(cause).__name__) from None
        raise


async def connect(url: str, name: str, **session: str) -> asyncpg.Connection:
    """A connection, called `name` at the server. Passing: not now; StoreUnusable: never, as configured."""
    at = make_url(url)
    given, within = settings_of(url)
    try:
        return await asyncpg.connect(
            host=at.host, port=at.port, user=at.username, password=at.password, database=at.database,
            timeout=CONNECT, command_timeout=within, statement_cache_size=STATEMENTS,
            server_settings={"application_name": name, **SESSION, **given, **session},
        )  # fmt: skip
    except _WRONG_PASSWORD:
        raise StoreUnusable(
            f"PostgreSQL {where(url)} 拒绝了用户名或密码。"
            f"/ PostgreSQL at {where(url)} refuses the user or the password."
        ) from None
    except asyncpg.InvalidCatalogNameError:
        raise NoDatabase(
            f"PostgreSQL {where(url)} 没有这个数据库，请先运行 yikou migrate。"
            f"/ PostgreSQL at {where(url)} has no such database: run yikou migrate first."
        ) from None
    except BROKEN as error:
        if is_passing(error):
            raise Passing(getattr(error, "sqlstate", None) or type(error).__name__) from None
        raise StoreUnusable(
            f"无法连接 PostgreSQL {where(url)}（{type(error).__name__}）。"
            f"/ Cannot connect to PostgreSQL at {where(url)} ({type(error).__name__})."
        ) from None


def settings_of(url: str) -> tuple[dict[str, str], float]:
    """The settings of a session in the URL, and the seconds for one answer. ValueError: it is no URL."""
    try:
        at = make_url(url)
    except ArgumentError:
        raise ValueError("not a URL") from None  # without the text, which may hold a password
    given = {key: str(value) for key, value in at.query.items()}
    return given, float(given.pop("answer_within", ANSWER))


async def make_ours(connection: asyncpg.Connection, kind: int, instance: int, *, again: bool) -> None:
    """Take the lock that says whose session this is. `again`: end the session that we had before, if the
    server has not missed us: it would keep rows, shards and this very lock for as long as it waits for us."""
    if again:
        await connection.execute(_END_OURS, kind, instance)
    await connection.fetchval("SELECT pg_advisory_lock($1, $2)", kind, instance)


def where(url: str) -> str:
    """host:port/database, for people to read: no user, no password."""
    at = make_url(url)
    return f"{at.host or 'localhost'}:{at.port or 5432}/{at.database or ''}"


class ServerClock:
    """The server's clock, looked at every few seconds and carried on by this machine's steady one.

    Wall clocks of several machines differ; leases that one takes and another looks at need a single clock.
    """

    def __init__(self) -> None:
        self._read: tuple[datetime, float] | None = None

    @property
    def stale(self) -> bool:
        return self._read is None or monotonic() - self._read[1] > CLOCK_KEPT

    async def look(self, connection: asyncpg.Connection) -> None:
        asked = monotonic()
        at: datetime = await connection.fetchval("SELECT clock_timestamp()")
        self._read = at, (asked + monotonic()) / 2

    def now(self) -> datetime:
        if self._read is None:
            raise Passing("clock")
        at, read = self._read
        return at + timedelta(seconds=monotonic() - read)
