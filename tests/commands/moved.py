"""An installation with a few rows of every kind, and a place on PostgreSQL that it may be moved to."""

from itertools import count
from pathlib import Path
from uuid import UUID

from services.commands.bench_installation import token
from services.commands.builders import BUILDERS
from services.commands.migrate import databases as databases_of
from services.kernel.parked import FAILED, park
from services.kernel.store import Store
from services.kernel.surroundings import real
from services.kernel.tx import Tx
from tests.commands.installed import Installed, installed
from tests.databases import Databases
from tests.kernel.cells import answer
from tests.kernel.event_logs import record

TOWNS = count(1)
CASES = 2_500  # more than one batch


class Moving:
    """An old installation with a few rows of every kind, and the place that it is to move to."""

    def __init__(self, folder: Path, databases: Databases) -> None:
        self.old = installed(folder / "old")
        self.prefix, self.databases = f"migrated{next(TOWNS)}", databases
        self.new = Installed(self.old.folder, {
            "store_url": databases.server.url(f"{self.prefix}_{{service}}"),
            "log_url": f"sqlite:///{folder}/new-log.db",
        })  # fmt: skip

    async def fill(self) -> None:
        await token(self.old.folder, "agent")
        for name, histories in databases_of():
            if name in BUILDERS:
                store = Store(f"sqlite:///{self.old.folder}/{name}.db", name, histories, real())
                await store.start()
                await store.run(lambda tx: write(tx, CASES if tx.service == "intake" else 3))
                await store.close()
        self.old.folder.joinpath("log.db").touch()

    def rows(self, name: str, sql: str) -> "list[tuple[object, ...]]":
        return list(self.databases.rows(f"{self.prefix}_{name}", sql))

    def close(self) -> None:
        for name, _ in databases_of():
            self.databases.drop(f"{self.prefix}_{name}")


def write(tx: Tx, cases: int) -> None:
    for number in range(1, cases + 1):
        tx.put(answer(UUID(int=number), tx))
    park(tx, record("早", 7, b"\\x00\\xff bytes"), FAILED, "somewhere")
