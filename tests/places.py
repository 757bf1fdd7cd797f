"""Where a test's stores are: SQLite files in a folder, or databases of a PostgreSQL server.

A contract that both must keep asks for the fixture `place`, and runs once for each; what only processes that
share a database can do asks for `server`.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from copy import copy
from itertools import count
from pathlib import Path
from typing import Protocol

from services.kernel.database.schema import History
from tests.databases import Databases

NUMBERS = count(1)


class Place(Protocol):
    """`folder`: for everything that is no store. `pattern`: as YIKOU_STORE_URL names all stores at once."""

    kind: str
    folder: Path
    pattern: str

    def url(self, name: str, *histories: History) -> str:
        """The store `name`; the first time, a server makes it with these tables."""

    def rows(self, name: str, query: str) -> Sequence[tuple[object, ...]]:
        """What is committed there, as a connection of its own sees it."""

    def contents(self, name: str) -> bytes:
        """Whatever stands in this store, for a search."""


class Folder:
    """SQLite: the file of a store comes with its first start."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder, self.pattern = folder, f"sqlite:///{folder}/{{service}}.db"

    def url(self, name: str, *_histories: History) -> str:
        return self.pattern.replace("{service}", name)

    def rows(self, name: str, query: str) -> Sequence[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / f"{name}.db")) as connection:
            return connection.execute(query).fetchall()

    def contents(self, name: str) -> bytes:
        return b"".join(path.read_bytes() for path in self.folder.glob(f"{name}.db*"))


class Server:
    """PostgreSQL: a database for each store, copied from a template with its tables."""

    kind = "postgresql"

    def __init__(self, databases: Databases, folder: Path) -> None:
        self.databases, self.folder = databases, folder
        self._prefix, self._made = f"test{next(NUMBERS)}", set[str]()
        self.pattern = databases.server.url(f"{self._prefix}_{{service}}")

    def url(self, name: str, *histories: History) -> str:
        database = self.database(name)
        if database not in self._made:
            self._made.add(database)
            self.databases.make(database, histories)
        return self.pattern.replace("{service}", name)

    def by_way_of(self, port: int) -> "Server":
        """The same stores, reached through a proxy at this port of 127.0.0.1."""
        other = copy(self)
        other.pattern = self.pattern.replace(f":{self.databases.server.port}/", f":{port}/")
        return other

    def database(self, name: str) -> str:
        return f"{self._prefix}_{name}"

    def rows(self, name: str, query: str) -> Sequence[tuple[object, ...]]:
        return self.databases.rows(self.database(name), query)

    def contents(self, name: str) -> bytes:
        tables = self.rows(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = [row for (table,) in tables for row in self.rows(name, f'SELECT * FROM "{table}"')]  # noqa: S608
        return b"\n".join(
            value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
        )

    def close(self) -> None:
        for database in self._made:
            self.databases.drop(database)
