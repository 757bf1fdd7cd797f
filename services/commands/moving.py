"""An installation on files moves to PostgreSQL, and its log to another, all of it or nothing.

    hold the files ─▶ shut the new people's database ─▶ copy each service's ─▶ append to the new log what
    somebody has not heard ─▶ say "moved" in the old people's file ─▶ copy people, and open the new one

Cut short before "moved", the old installation is whole and the move begins anew; after it, only the last step
is left. Nothing starts on the new side before the end, nor on the old one afterwards.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from services.commands import new_databases, old_files
from services.commands.installation import NotPossible
from services.commands.migrate import databases
from services.commands.new_databases import PEOPLE
from services.commands.republishing import Wish, republish, stores_of
from services.kernel.access_store import HISTORY as ACCESS
from services.kernel.database import files
from services.kernel.database.copying import copy
from services.kernel.database.schema import MOVED
from services.kernel.eventlog import EventLog
from services.kernel.eventlog_url import open_log
from services.kernel.settings import Settings

UNHURRIED: Final = float("inf")  # records a second: nobody else uses the log yet
Tell = Callable[[str], None]


async def move(settings: Settings, folder: Path, tell: Tell) -> None:
    """From `folder` to where `settings` point. NotPossible, StoreUnusable, LogUnusable, Passing."""
    if not settings.store_url_pattern.startswith("postgresql:"):
        raise NotPossible(
            "YIKOU_STORE_URL 应是新系统的 postgresql:// 地址。"
            "/ YIKOU_STORE_URL must be the postgresql:// address of the new system."
        )
    with old_files.held(folder):
        old_files.same_keys(settings, folder)
        if files.version_of(old_files.of(folder, PEOPLE), ACCESS) != MOVED:
            await _services(settings, folder, tell)
            files.set_version(old_files.of(folder, PEOPLE), ACCESS, MOVED)
        elif not await new_databases.is_shut(settings):
            raise NotPossible(
                f"{folder} 已经迁走，没有什么要做的。/ {folder} was moved before; there is nothing to do."
            )
        people = old_files.of(folder, PEOPLE)
        rows = await copy(people, settings.store_url(PEOPLE), (ACCESS,), opens=True)
    tell(f"{PEOPLE}: {rows} 行 / rows")


async def _services(settings: Settings, folder: Path, tell: Tell) -> None:
    old_files.check(folder)
    log = await open_log(settings.log_url)
    try:
        await old_files.heard_of_late(folder, settings.retention)
        again = await new_databases.make_ready(settings)
        if not again and not _is_same(settings.log_url, folder):
            await new_databases.refuse_used(log)
        for name, histories in databases():
            if name != PEOPLE:
                rows = await copy(old_files.of(folder, name), settings.store_url(name), histories)
                tell(f"{name}: {rows} 行 / rows")
        await _append_unheard(settings, log, tell)
    finally:
        await log.close()


def _is_same(log_url: str, folder: Path) -> bool:
    """One that stays where it is."""
    path = Path(log_url.removeprefix("sqlite:///"))
    return log_url.startswith("sqlite:") and path.resolve() == (folder / "log.db").resolve()


async def _append_unheard(settings: Settings, log: EventLog, tell: Tell) -> None:
    async with stores_of(settings) as stores:
        tally = await republish(stores, log, Wish(), UNHURRIED)
    if tally.lost:
        raise NotPossible(
            f"有 {tally.lost} 条事件尚未被所有服务处理，又已超过保存期；请先启动旧系统，让它处理完。"
            f"/ {tally.lost} events that some service has yet to hear are no longer kept: start the old "
            "system and let it catch up."
        )
    tell(
        f"尚未处理完的事件 {tally.records} 条（{tally.cases} 件），已写入新日志。"
        f"/ {tally.records} events of {tally.cases} cases that some service has yet to hear stand in the new "
        "log."
    )
