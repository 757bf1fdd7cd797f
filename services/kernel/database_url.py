"""The URL picks the database."""

from collections.abc import Callable
from datetime import datetime

from services.kernel.database import Database
from services.kernel.database_sqlite import SqliteDatabase


def open_database(url: str, now: Callable[[], datetime]) -> Database:
    """The database at `sqlite:///path`; it is opened by `Database.open`. `now`: this machine's clock."""
    return SqliteDatabase(url, now)
