"""The databases and the log that an installation is to move to: empty, and shut until everything is there.

The people's database is the gate: no process starts without it.
"""

from typing import Final

from services.commands.installation import NotPossible
from services.commands.migrate import databases
from services.kernel.access_store import HISTORY as ACCESS
from services.kernel.database.copying import occupied, shut, version_of
from services.kernel.database.migration import migrate
from services.kernel.database.postgres_link import NoDatabase
from services.kernel.database.schema import UNFINISHED
from services.kernel.eventlog import EventLog
from services.kernel.settings import Settings

PEOPLE: Final = "access"


async def make_ready(settings: Settings) -> bool:
    """Make the tables and shut the gate; whether an earlier attempt had shut it. NotPossible: not empty.

    What an earlier attempt has put there does not count: nobody could use it.
    """
    again = await is_shut(settings)
    for name, histories in databases():
        if not (again and name == PEOPLE):
            await migrate(settings.store_url(name), histories)
        found = await occupied(settings.store_url(name), histories)
        if found == "":
            raise NotPossible(
                f"新系统的 {name} 正在运行，请先停止。/ {name} of the new system is running: stop it first."
            )
        if found is not None and not again:
            raise NotPossible(
                f"新库 {name} 不是空的（表 {found} 中有数据）。"
                f"/ The new database of {name} is not empty: table {found} has rows."
            )
    await shut(settings.store_url(PEOPLE), ACCESS)
    return again


async def is_shut(settings: Settings) -> bool:
    try:
        return await version_of(settings.store_url(PEOPLE), ACCESS) == UNFINISHED
    except NoDatabase:
        return False


async def refuse_used(log: EventLog) -> None:
    """NotPossible when the log holds anything: numbers that are given once more would be taken for known."""
    if await log.lag("nobody"):
        raise NotPossible(
            "新的事件日志里已有内容，请用一个空的主题。/ The new event log is not empty: use an empty topic."
        )
