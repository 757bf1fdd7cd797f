"""The services of one process, started together and stopped so that nothing in flight is lost."""

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from services.commands.installation import Installation
from services.kernel.cell import Cell
from services.kernel.faults import place_of
from services.kernel.gauges import observe
from services.kernel.health import Health
from services.kernel.service import Service
from services.kernel.waiting import until_there

log_ = logging.getLogger(__name__)
OBSERVE = 5.0  # seconds between two looks at the gauges
SWITCH = 0.001  # seconds a thread may keep the interpreter while another waits for it; 5 ms would add up


@asynccontextmanager
async def running(
    installation: Installation, services: Sequence[Service], health: Health
) -> AsyncIterator[list[Cell]]:
    """Start log and cells; on the way out stop cells first, then the log, then the people's store."""
    sys.setswitchinterval(SWITCH)
    async with AsyncExitStack() as stack:
        await until_there(installation.access_store.start, "access")
        stack.push_async_callback(installation.access_store.close)
        log = await installation.log()
        stack.push_async_callback(log.close)
        cells = [Cell(service, log, installation.settings.retention) for service in services]
        for cell in cells:
            await cell.start()
            stack.push_async_callback(cell.stop)
            health.add(cell.service.name, cell.failing)
        watch = asyncio.create_task(_watch(cells), name="gauges")
        stack.callback(watch.cancel)
        gc.set_threshold(20_000, 20, 50)  # few of our objects live long in cycles: looking often costs 4 %
        gc.freeze()  # what was loaded at start is never garbage: do not look at it again and again
        gc.enable()
        yield cells


async def _watch(cells: Sequence[Cell]) -> None:
    while True:
        for cell in cells:
            try:
                await observe(cell)
            except Exception as error:  # a figure that cannot be had now must not end all figures
                log_.warning("gauges.failed", extra={"service": cell.service.name, "error": place_of(error)})
        await asyncio.sleep(OBSERVE)
