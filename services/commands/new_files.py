"""The files that a back-up is to become, shut until all of them are there (see new_databases)."""

import os
import shutil
from pathlib import Path

from sqlalchemy.engine import make_url

from services.commands.installation import NotPossible
from services.commands.migrate import databases
from services.commands.new_databases import PEOPLE
from services.kernel.access_store import HISTORY as ACCESS
from services.kernel.database import files
from services.kernel.database.schema import UNFINISHED
from services.kernel.database.sqlite import bring_up_file
from services.kernel.settings import Settings


def make_ready(settings: Settings) -> bool:
    """Shut the gate; whether an earlier attempt had shut it. NotPossible: an installation is there."""
    people = _path(settings, PEOPLE)
    if people.exists() and files.version_of(people, ACCESS) == UNFINISHED:
        return True
    if there := [path for name, _ in databases() if (path := _path(settings, name)).exists()]:
        raise NotPossible(
            f"{there[0]} 已存在，只能恢复到空的数据目录。"
            f"/ {there[0]} is there already: a back-up is restored to an empty data folder."
        )
    people.parent.mkdir(parents=True, exist_ok=True)
    part = people.with_name(f"{people.name}.part")
    part.unlink(missing_ok=True)
    bring_up_file(f"sqlite:///{part}", (ACCESS,))
    files.set_version(part, ACCESS, UNFINISHED)
    part.replace(people)
    return False


def put(copy: Path, settings: Settings, name: str) -> None:
    """The copy in the place of what is there, its tables at their newest version."""
    path = _path(settings, name)
    part = path.with_name(f"{path.name}.part")
    shutil.copyfile(copy, part)
    bring_up_file(f"sqlite:///{part}", dict(databases())[name])
    for left in ("-wal", "-shm"):  # of the file that is replaced: they would be taken for this one's
        path.with_name(path.name + left).unlink(missing_ok=True)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


def _path(settings: Settings, name: str) -> Path:
    return Path(make_url(settings.store_url(name)).database or "")
