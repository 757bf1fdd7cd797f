"""SQLite files as they all were at one instant, while services write to them.

A copy of one file after the other would hold a case that one service has heard of and another, copied before,
not yet; after a restore its events would be given numbers that are known. So all files are locked for the
few milliseconds that it takes to begin reading them, and copied afterwards, each as it was then.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from services.kernel.database.engines import WAIT
from services.kernel.database.errors import Passing


def copy_at_once(files: Mapping[Path, Path]) -> None:
    """Copy each file to the path beside it, which must not exist. Passing: a file stayed locked."""
    with ExitStack() as stack:
        readers = {source: stack.enter_context(closing(_connected(source))) for source in files}
        try:
            with ExitStack() as locks:
                for source in files:
                    lock = locks.enter_context(closing(_connected(source)))
                    lock.execute("BEGIN IMMEDIATE")  # closing it gives it up
                for reader in readers.values():
                    reader.execute("BEGIN")
                    reader.execute(
                        "SELECT count(*) FROM sqlite_master"
                    ).fetchone()  # from here on it stands still
            for source, target in files.items():
                with closing(sqlite3.connect(target)) as copy:
                    readers[source].backup(copy)
        except sqlite3.OperationalError as error:
            raise Passing(error.sqlite_errorname) from None


def is_whole(path: Path) -> bool:
    """Whether SQLite finds every page and index of it in order."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            found: str = connection.execute("PRAGMA quick_check").fetchone()[0]
            return found == "ok"
    except sqlite3.DatabaseError:
        return False


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout={WAIT}")
    return connection
