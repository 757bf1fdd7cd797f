"""Where an installation of several processes keeps what it keeps: databases and a topic of its own."""

from collections.abc import Sequence
from itertools import count

from services.commands.migrate import databases as databases_of
from tests.databases import Databases
from tools.real.kafka import Cluster

NUMBERS = count(1)


class Stores:
    """Where a new system keeps them."""

    def __init__(self, databases: Databases, kafka: Cluster) -> None:
        self.prefix = f"moved{next(NUMBERS)}"
        self.databases = databases
        self.store_url = databases.server.url(f"{self.prefix}_{{service}}")
        self.log_url = f"kafka://{kafka.bootstrap}/{self.prefix}?partitions=6"

    def rows(self, name: str, sql: str) -> Sequence[tuple[object, ...]]:
        return self.databases.rows(f"{self.prefix}_{name}", sql)

    def close(self) -> None:
        for name, _ in databases_of():
            self.databases.drop(f"{self.prefix}_{name}")
