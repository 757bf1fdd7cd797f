"""A process for each service, some twice, behind nginx: tests/deploy looks at how, here they carry a load."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.kernel.settings import Settings
from tools.scaled.child import Child, stop
from tools.scaled.processes import services
from tools.scaled.proxy import in_front


def settings_of(folder: Path, port: int, store_url: str, log_url: str) -> Settings:
    """Of an installation whose keys, city and partners are in the folder."""
    return Settings.read(
        data_dir=folder, city=folder / "city", port=port, public_url=f"http://127.0.0.1:{port}",
        store_url_pattern=store_url, log_url=log_url, callback_allow="127.0.0.0/8",
    )  # fmt: skip


@asynccontextmanager
async def serving(settings: Settings, simulators: str) -> AsyncIterator[dict[str, list[Child]]]:
    """All of them until the block ends, answering at the settings' port."""
    parts = services(settings)
    children = [child for replicas in parts.values() for child in replicas]
    for child in children:
        child.environment = {**(child.environment or {}), "YIKOU_SMS_URL": f"{simulators}/sms"}
    proxy = in_front(settings.data_dir, settings, parts)
    try:
        for child in children:
            child.start()
        await asyncio.gather(*(child.ready() for child in children))
        proxy.start()
        await proxy.ready()
        yield parts
    finally:
        await stop([*children, proxy])
