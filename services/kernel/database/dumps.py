"""pg_dump and pg_restore, PostgreSQL's own programs: a database into a file, and back."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

from services.kernel.columns import table
from services.kernel.database.errors import StoreUnusable
from services.kernel.database.postgres_link import connect, port_errors, where
from services.kernel.database.schema import History


async def dump(url: str, snapshot: str, path: Path) -> None:
    """The database as the snapshot shows it, compressed, without owners and grants. StoreUnusable."""
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}")
    await _run("pg_dump", url, *options)


async def restore(url: str, path: Path) -> None:
    """In one transaction, in the place of the tables that the dump holds. StoreUnusable: nothing changed."""
    options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction")
    await _run("pg_restore", url, *options, str(path))


async def drop_tables(url: str, histories: Sequence[History]) -> None:
    """Those of the histories, with their versions: an older dump would leave what is newer."""
    names = [table(model).name for history in histories for model in history.tables]
    names += [history.version_table for history in histories]
    connection = await connect(url, "restore")
    try:
        with port_errors():
            listed = ", ".join(f'"{name}"' for name in names)
            await connection.execute(f"DROP TABLE IF EXISTS {listed}")
    finally:
        await connection.close()


async def _run(program: str, url: str, *options: str) -> None:
    at = make_url(url)
    to = {"--host": at.host, "--port": at.port, "--username": at.username, "--dbname": at.database}
    command = [
        _found(program),
        "--no-password",
        *options,
        *(f"{key}={value}" for key, value in to.items() if value),
    ]
    password = (
        {"PGPASSWORD": at.password} if at.password else {}
    )  # an argument could be read by everybody here
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **password},
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        last = said.decode(errors="replace").strip().splitlines()[-1:] or [""]
        raise StoreUnusable(
            f"{program} 处理 {where(url)} 失败：{last[0]}。/ {program} failed at {where(url)}: {last[0]}."
        )


def _found(program: str) -> str:
    """On the PATH, or where Debian keeps the newest."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    found = shutil.which(program) or (str(places[0]) if places else None)
    if found is None:
        raise StoreUnusable(
            f"缺少 {program}，请安装 PostgreSQL 客户端（Debian：apt install postgresql-client）。"
            f"/ {program} is missing: install PostgreSQL's client (Debian: apt install postgresql-client)."
        )
    return found
