"""`yikou migrate-data`: from files and the embedded log to PostgreSQL and Kafka."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.commands.installation import NotPossible
from services.commands.moving import move
from services.kernel.database.errors import Passing
from services.kernel.eventlog import LogUnavailable
from services.kernel.settings import Settings


def command(
    folder: Annotated[
        Path | None, typer.Argument(help="The old data folder; without it, YIKOU_DATA_DIR.")
    ] = None,
) -> None:
    """Move everything from a data folder to where YIKOU_STORE_URL and YIKOU_LOG_URL point.

    Stop the old system first, back it up, and let `yikou topic create` make the topic. The new databases must
    be empty. Run it again if it was cut short: nothing starts on the new side before all of it is there, and
    nothing on the old side afterwards.
    """
    settings = Settings.read()
    try:
        asyncio.run(move(settings, folder or settings.data_dir, typer.echo))
    except (LogUnavailable, Passing) as error:
        raise NotPossible(
            f"没有迁移完，请重新运行同一条命令：{error}。/ Not finished; run the same command again: {error}."
        ) from None
    typer.echo("已全部迁移，可以启动新系统。/ Everything was moved; the new system may be started.")
