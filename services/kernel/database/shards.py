"""Which shards of an outbox this process relays: all of them on one machine, a share of them on PostgreSQL.

A case lives in one shard and a shard has one relay at a time, so a case's events leave in their order. On
PostgreSQL a shard is an advisory lock of a session: it passes on the moment its process or connection ends.
"""

from collections.abc import Collection
from typing import Final, Protocol

SHARDS: Final = 16


class Shards(Protocol):
    """The shards that are this process's to relay."""

    sole: bool  # no other process ever writes to this outbox

    def held(self) -> Collection[int]: ...

    async def share(self) -> bool:
        """Take and give up shards as processes come and go; True when what is held has changed."""

    async def tell(self) -> None:
        """Have the processes that hold the other shards look at the table."""

    async def close(self) -> None: ...


class AllShards:
    """SQLite: the file has one owner."""

    sole = True

    def held(self) -> Collection[int]:
        return range(SHARDS)

    async def share(self) -> bool:
        return False

    async def tell(self) -> None:
        pass

    async def close(self) -> None:
        pass
