"""Where a COMMIT waits: in the event loop on a quick disk, in a thread on a slow one, and back again."""

import asyncio
import sqlite3
import threading
import time

from services.kernel.database.commits import SLOW, Committer


class Disk(sqlite3.Connection):
    """Its commits take `seconds` and note the thread that they waited in."""

    seconds = 0.0
    waited_in: list[threading.Thread]

    def execute(self, *statement: object) -> sqlite3.Cursor:
        if statement == ("COMMIT",):
            self.waited_in.append(threading.current_thread())
            time.sleep(self.seconds)
        return super().execute(*statement)  # type: ignore[arg-type]


async def commit(committer: Committer, disk: Disk, times: int) -> list[bool]:
    """Whether each commit stayed in the event loop's thread."""
    disk.waited_in = []
    for _ in range(times):
        disk.execute("BEGIN")
        await committer.commit()
    return [thread is threading.main_thread() for thread in disk.waited_in]


async def test_a_slow_disk_sends_the_commits_to_a_thread_and_a_quick_one_brings_them_back() -> None:
    disk = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None, factory=Disk)
    committer = Committer(disk)
    assert all(await commit(committer, disk, 5))
    disk.seconds = SLOW * 20
    slow = await commit(committer, disk, 5)
    assert (slow[0], slow[-1]) == (True, False)
    disk.seconds = 0.0
    assert (await commit(committer, disk, 60))[-1]
    committer.close()


async def test_the_loop_goes_on_while_a_thread_waits() -> None:
    disk = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None, factory=Disk)
    committer, turns = Committer(disk), 0
    disk.seconds = SLOW * 100
    await commit(committer, disk, 1)

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await commit(committer, disk, 1)
    counting.cancel()
    assert turns > 10
    committer.close()
