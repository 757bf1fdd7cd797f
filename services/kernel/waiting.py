"""Beginning while the database is away: it is waited for, as everything that runs already waits for it.

A process that gave up at once would only be started again, and again, until the database is back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from services.kernel.database.errors import Passing

log_ = logging.getLogger(__name__)
PATIENCE: Final = 30.0  # seconds; whoever starts us may then decide anew
PAUSE: Final = 0.25  # seconds


async def until_there(
    begin: Callable[[], Awaitable[None]], what: str, patience: float = PATIENCE, pause: float = PAUSE
) -> None:
    """Call `begin` until the database of `what` can be reached; Passing after `patience` seconds."""
    time = asyncio.get_running_loop().time
    until, said = time() + patience, False
    while True:
        try:
            return await begin()
        except Passing as error:
            if time() >= until:
                raise
            if not said:
                log_.warning("start.waits", extra={"service": what, "error": type(error).__name__})
            said = True
            await asyncio.sleep(pause)
