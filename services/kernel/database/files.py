"""SQLite files as a whole, while no service has them open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from services.kernel.database import schema
from services.kernel.database.engines import open_engine
from services.kernel.database.schema import History


def check(path: Path, histories: Sequence[History]) -> None:
    """StoreUnusable unless its tables are those of this program."""
    with _opened(path, writes=False) as connection:
        schema.check(connection, histories, path.name)


def version_of(path: Path, history: History) -> str:
    """The version that stands in the file; "" where it has none."""
    with _opened(path, writes=False) as connection:
        return schema.version_of(connection, history) or ""


def set_version(path: Path, history: History, version: str) -> None:
    with _opened(path, writes=True) as connection:
        schema.set_version(connection, history, version)


@contextmanager
def _opened(path: Path, *, writes: bool) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{path}", writes=writes)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
