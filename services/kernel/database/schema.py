"""Which version a database's tables have, and how they get to the newest.

A history is a line of versions, Alembic scripts 0001_….py, 0002_….py beside the tables that they make. A
database keeps one number for each of its histories: the kernel's, the service's own, for adapters that of
tasks. An empty database gets its tables as they are now; that the scripts lead to the same is a test
(tests/kernel/test_schema.py).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from services.kernel.columns import table
from services.kernel.database.errors import StoreUnusable

log_ = logging.getLogger(__name__)
_PREFIX: Final = "schema_"
UNFINISHED, MOVED = "unfinished", "moved"
"""Instead of a version, in the people's database, without which no process starts: what is moved or restored
to here is not whole yet; everything was moved away from here."""


@dataclass(frozen=True)
class History:
    """`folder`: of the scripts; None for tables without versions, which only tests have."""

    name: str
    tables: tuple[type[SQLModel], ...]
    folder: Path | None = None

    @property
    def head(self) -> str:
        """The newest version, such as "0003"; "" without versions."""
        names = sorted(path.name for path in self.folder.glob("[0-9]*.py")) if self.folder else []
        return names[-1][:4] if names else ""

    @property
    def version_table(self) -> str:
        return _PREFIX + self.name


def version_of(connection: Connection, history: History) -> str | None:
    """The version that the database has; None when it has nothing of this history."""
    if not inspect(connection).has_table(history.version_table):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {history.version_table}"))  # noqa: S608 (our own names)
    return found.scalar_one_or_none()


def check(connection: Connection, histories: Sequence[History], where: str) -> None:
    """Raise StoreUnusable unless every history stands at its newest version."""
    for history in histories:
        if history.folder is None:
            continue
        found = version_of(connection, history)
        if found is None or found < history.head:
            raise StoreUnusable(
                f"{where} 的库结构（{history.name} {found or '空'}）比程序旧，请先运行 yikou migrate。"
                f"/ The tables at {where} ({history.name} {found or 'empty'}) are older than the program: "
                "run yikou migrate first."
            )
        if found > history.head:
            raise _beyond(history, found, where)


def bring_up(connection: Connection, histories: Sequence[History], where: str) -> list[str]:
    """Make or change the tables until all are the newest; what was done, "intake 0001 → 0003"."""
    done = []
    for history in histories:
        before = version_of(connection, history) if history.folder else None
        if before == history.head and history.folder:
            continue
        if before is not None and before > history.head:
            raise _beyond(history, before, where)
        if before is None:
            _make(connection, history, where)
        else:
            _upgrade(connection, history)
        done.append(f"{history.name} {before or '-'} → {history.head}")
    return done


def _make(connection: Connection, history: History, where: str) -> None:
    tables = [table(model) for model in history.tables]
    if history.folder is not None and any(inspect(connection).has_table(one.name) for one in tables):
        raise StoreUnusable(
            f"{where} 里的表没有版本号，不是本程序现在能用的，请移走后重新开始。"
            f"/ The tables at {where} have no version: this program cannot use them; move them away."
        )
    SQLModel.metadata.create_all(connection, tables=tables)
    if history.folder is not None:
        name = history.version_table
        connection.execute(text(f"CREATE TABLE {name} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text(f"INSERT INTO {name} VALUES (:head)"), {"head": history.head})  # noqa: S608


def _upgrade(connection: Connection, history: History) -> None:
    # Here, because only a database that is older ever needs it.
    from services.kernel.database.versions import upgrade

    upgrade(connection, history.folder or Path(), history.version_table)


def set_version(connection: Connection, history: History, version: str) -> None:
    connection.execute(text(f"UPDATE {history.version_table} SET version_num = :v"), {"v": version})  # noqa: S608


def _beyond(history: History, found: str, where: str) -> StoreUnusable:
    if found == UNFINISHED:
        return StoreUnusable(
            f"{where} 的数据迁移或恢复没有做完，请重新运行同一条命令。"
            f"/ What is moved or restored to {where} is not whole yet: run the same command again."
        )
    if found == MOVED:
        return StoreUnusable(
            f"{where} 的数据已迁走；在这里启动，事项会办两遍。请使用新系统。"
            f"/ The data at {where} were moved away: started here, cases would be worked on twice. "
            "Use the new system."
        )
    return StoreUnusable(
        f"{where} 的库结构（{history.name} {found}）比程序新（{history.head}），请换新版程序。"
        f"/ The tables at {where} ({history.name} {found}) are newer than the program ({history.head}): "
        "use a newer program."
    )
