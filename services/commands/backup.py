"""`yikou backup FOLDER`: every database as it was at one instant, while the services run."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy.engine import make_url

from services.commands.installation import NotPossible, keyring_of
from services.commands.manifest import Kind, Manifest
from services.commands.migrate import databases
from services.kernel.database.dumps import dump
from services.kernel.database.errors import Passing
from services.kernel.database.file_cut import copy_at_once
from services.kernel.database.server_cut import at_once
from services.kernel.settings import Settings
from services.kernel.surroundings import real

BESIDE: Final = "beside"  # the folder of what is no database
DOCUMENTS: Final = "documents"  # sealed, and never changed; read after the databases, which may name them


def command(
    folder: Annotated[
        Path, typer.Argument(help="A folder that is not there yet, such as backup/2026-09-30.")
    ],
) -> None:
    """Write a back-up of all databases; the services go on meanwhile.

    The event log is no part of it: `yikou restore` fills a new one. Nor is the key ring, without which nobody
    can open what is sealed: keep a copy of it in another place.
    """
    settings = Settings.read()
    if folder.exists():
        raise NotPossible(f"{folder} 已存在，请换一个名称。/ {folder} is there already: choose another name.")
    part = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        manifest = asyncio.run(_write(settings, part))
        part.rename(folder)
    except OSError as error:
        raise NotPossible(
            f"无法写入 {folder}（{error.strerror}）。/ Cannot write to {folder} ({error.strerror})."
        ) from None
    except Passing as error:
        raise NotPossible(
            f"数据库正忙，请稍后再试（{error}）。/ The databases are busy ({error}): try again later."
        ) from None
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    typer.echo(
        f"已备份到 {folder}：{len(manifest.files)} 个文件，{size / 1e6:.1f} MB。"
        f"/ Backed up to {folder}: {len(manifest.files)} files, {size / 1e6:.1f} MB."
    )
    typer.echo(
        f"密钥环不在其中，请另处保存：{settings.keyring}。/ Not in it, to be kept elsewhere: the key ring."
    )


async def _write(settings: Settings, folder: Path) -> Manifest:
    ring, at = keyring_of(settings), real().now()
    urls = {name: settings.store_url(name) for name, _ in databases()}
    if settings.store_url_pattern.startswith("sqlite:"):
        files = {Path(make_url(url).database or ""): folder / f"{name}.db" for name, url in urls.items()}
        if missing := [path for path in files if not path.exists()]:
            raise NotPossible(
                f"没有 {missing[0]}，没有可备份的系统。/ There is no {missing[0]}: nothing to back up."
            )
        copy_at_once(files)
    else:
        async with at_once(urls) as snapshots:
            for name, url in urls.items():
                await dump(url, snapshots[name], folder / f"{name}.dump")
    _copy_beside(settings, folder / BESIDE)
    kind: Kind = "sqlite" if settings.store_url_pattern.startswith("sqlite:") else "postgresql"
    manifest = Manifest.of(folder, kind, at, ring)
    manifest.write(folder)
    return manifest


def _copy_beside(settings: Settings, folder: Path) -> None:
    """Partners' addresses, added holidays and documents, where there are any."""
    folder.mkdir()
    if settings.partners.exists():
        shutil.copy2(settings.partners, folder / "partners.json")
    if (settings.data_dir / DOCUMENTS).is_dir():
        shutil.copytree(settings.data_dir / DOCUMENTS, folder / DOCUMENTS)
    if settings.calendar.is_dir():
        shutil.copytree(settings.calendar, folder / "calendar")
