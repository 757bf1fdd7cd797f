"""Connections as the stores need them: power-safe commits, and a writer that locks when it begins."""

import sqlite3

from sqlalchemy import Connection, Engine, create_engine, event

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
WAIT = 10_000  # milliseconds that a connection waits for another process to finish writing
WAIT_IN_LOOP = 50  # the same in the event loop, where nobody may wait for long
READERS = 4


def prepare_connection(connection: sqlite3.Connection, wait: int) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (*PRAGMAS, f"busy_timeout={wait}"):
        connection.execute(f"PRAGMA {pragma}")


def open_engine(url: str, *, writes: bool, wait: int = WAIT) -> Engine:
    """An engine with one writing connection, or with READERS connections that cannot write."""
    engine = create_engine(url, pool_size=1 if writes else READERS, max_overflow=0, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        prepare_connection(connection, wait)
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails with SQLITE_BUSY, whatever the timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
