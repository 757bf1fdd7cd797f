"""COMMIT waits for the disk: in the event loop while the disk is quick, in a thread where it is not.

A thread costs some 40 µs of handing the interpreter over, a fast disk's wait 0.2 ms; but a slow disk takes 5
to 30 ms for each, in which nothing else in the process would move (docs/decisions/0006).
"""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Final

SLOW: Final = 0.001  # seconds
WEIGHT: Final = 0.2  # of the newest commit in the average


class Committer:
    """Commits one connection. Nothing else may use the connection meanwhile."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._average = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")

    async def commit(self) -> None:
        """Back when it is on the disk; raises sqlite3.Error."""
        began = perf_counter()
        if self._average < SLOW:
            self._connection.execute("COMMIT")
        else:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.execute, "COMMIT")
        self._average += WEIGHT * (perf_counter() - began - self._average)

    def close(self) -> None:
        self._thread.shutdown()
        self._connection.close()
