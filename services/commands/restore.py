"""`yikou restore FOLDER`: a back-up into a new installation, all of it or nothing."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from services.commands import new_databases, new_files
from services.commands.backup import BESIDE, DOCUMENTS
from services.commands.installation import NotPossible
from services.commands.manifest import Manifest
from services.commands.migrate import databases
from services.commands.new_databases import PEOPLE
from services.commands.outbox import lost
from services.commands.republishing import Wish, republish, stores_of
from services.domain.sealing import Keyring
from services.kernel.access_store import HISTORY as ACCESS
from services.kernel.database import dumps
from services.kernel.database.copying import copy, leave_gate
from services.kernel.database.errors import Passing
from services.kernel.database.migration import migrate
from services.kernel.eventlog import EventLog, LogUnavailable
from services.kernel.eventlog_url import open_log
from services.kernel.settings import Settings

UNHURRIED: Final = float("inf")  # records a second: nobody else uses the log yet
Tell = Callable[[str], None]


def command(folder: Annotated[Path, typer.Argument(help="A folder that `yikou backup` wrote.")]) -> None:
    """Put a back-up where YIKOU_STORE_URL points, and what somebody has not heard into the new, empty log.

    Run it again if it was cut short: nothing starts before all of it is there. It holds nothing of what
    happened after the back-up.
    """
    try:
        asyncio.run(restore(Settings.read(), folder, typer.echo))
    except (LogUnavailable, Passing) as error:
        raise NotPossible(
            f"没有恢复完，请重新运行同一条命令：{error}。/ Not finished; run the same command again: {error}."
        ) from None
    typer.echo("已全部恢复，可以启动。/ Everything was restored; the system may be started.")


async def restore(settings: Settings, folder: Path, tell: Tell) -> None:
    """NotPossible, StoreUnusable, LogUnusable, Passing."""
    manifest = Manifest.read(folder)
    if not settings.keyring.exists():
        raise NotPossible(
            f"没有密钥环 {settings.keyring}，请先放回备份时的密钥环。"
            f"/ There is no key ring {settings.keyring}: put the one of that time there first."
        )
    manifest.check(Keyring.load(settings.keyring), settings.keyring)
    on_files = settings.store_url_pattern.startswith("sqlite:")
    if on_files and manifest.kind != "sqlite":
        raise NotPossible(
            "这份备份来自 PostgreSQL，只能恢复到 PostgreSQL。"
            "/ This back-up is of PostgreSQL and can be restored to PostgreSQL only."
        )
    log = await open_log(settings.log_url)
    try:
        again = new_files.make_ready(settings) if on_files else await new_databases.make_ready(settings)
        if not again:
            await new_databases.refuse_used(log)
        tell(f"备份时间 / back-up of {manifest.at.isoformat(timespec='seconds')}")
        for name, _ in databases():
            if name != PEOPLE:
                await _put(settings, manifest, folder, name)
                tell(f"{name} ✓")
        await _fill(settings, log, tell)
        _put_beside(settings, folder / BESIDE)
        await _put(settings, manifest, folder, PEOPLE)
    finally:
        await log.close()


async def _put(settings: Settings, manifest: Manifest, folder: Path, name: str) -> None:
    """One database in the place of what is there; the people's opens the gate."""
    url, histories = settings.store_url(name), dict(databases())[name]
    if settings.store_url_pattern.startswith("sqlite:"):
        new_files.put(folder / f"{name}.db", settings, name)
    elif manifest.kind == "sqlite":
        await copy(folder / f"{name}.db", url, histories, opens=name == PEOPLE)
    else:
        if name == PEOPLE:
            await leave_gate(url, ACCESS)
        else:
            await dumps.drop_tables(url, histories)
        await dumps.restore(url, folder / f"{name}.dump")
        await migrate(url, histories)  # the back-up may be of an older program


async def _fill(settings: Settings, log: EventLog, tell: Tell) -> None:
    async with stores_of(settings) as stores:
        tally = await republish(stores, log, Wish(), UNHURRIED)
    tell(
        f"尚未处理完的事件 {tally.records} 条（{tally.cases} 件），已写入新日志。"
        f"/ {tally.records} events of {tally.cases} cases that some service has yet to hear stand in the new "
        "log."
    )
    if tally.lost:
        tell(lost(tally))


def _put_beside(settings: Settings, folder: Path) -> None:
    """Partners, holidays and documents, unless there are some already."""
    if (folder / "partners.json").exists() and not settings.partners.exists():
        shutil.copy2(folder / "partners.json", settings.partners)
    if (folder / DOCUMENTS).is_dir():
        shutil.copytree(folder / DOCUMENTS, settings.data_dir / DOCUMENTS, dirs_exist_ok=True)
    if (folder / "calendar").is_dir() and not settings.calendar.exists():
        shutil.copytree(folder / "calendar", settings.calendar)
