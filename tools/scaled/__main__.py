"""Start it, and end all of it on Ctrl-C, SIGTERM or when the terminal is closed."""

import asyncio
import signal
import sys
from typing import Final

from services.commands.installation import NotPossible
from services.commands.serve import listening
from services.domain.city import CityError
from services.kernel.database.errors import StoreUnusable
from services.kernel.environment import SettingsError
from services.kernel.eventlog import LogUnusable
from services.kernel.lock import FileLock, Held
from services.kernel.settings import Settings
from tools.real.kafka_jars import NoKafka, jars
from tools.real.postgres import NoPostgres
from tools.scaled.machine import lacks
from tools.scaled.run import folder_of, running

REFUSALS: Final = (
    NotPossible, SettingsError, CityError, StoreUnusable, LogUnusable, NoPostgres,
)  # fmt: skip


def main() -> None:
    settings = Settings.read()
    if missing := lacks():
        raise NotPossible("\n".join(missing))
    with listening(settings) as listener:  # taken: said now, and not after half a minute
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    lock = FileLock(folder_of(settings) / "lock")
    try:
        lock.acquire()
    except Held:
        raise NotPossible(
            f"{lock.path.parent} 正在使用中。/ Another make up-scaled uses {lock.path.parent}."
        ) from None
    try:
        jars()
    except NoKafka as why:
        raise NotPossible(f"Kafka 准备不了：{why}。/ Kafka cannot be made ready: {why}.") from None
    try:
        asyncio.run(_until_stopped(settings))
    except asyncio.CancelledError:
        print("已停止。/ Stopped.")


async def _until_stopped(settings: Settings) -> None:
    task = asyncio.current_task()

    def stop() -> None:
        print("正在停止 … / Stopping …", flush=True)
        if task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    async with running(settings, print) as stack:
        await stack.watch()


if __name__ == "__main__":
    try:
        main()
    except REFUSALS as reason:
        print(reason, file=sys.stderr)
        sys.exit(2)
