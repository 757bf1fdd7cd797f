"""A folder that we share with a unit's system, such as an SFTP directory. Nothing half-written is ever seen.

    tasks/<task>.json        written by us, gone once the unit has acknowledged it
    news/<task>.<news>.json  written by us; the unit removes it, or we do when the task has ended
    reports/<any>.json       written by the unit: acknowledgements and reports; gone once they are applied
    refused/<any>.json       a report that could not be applied, with <any>.reason.json beside it

Both sides write under another name (.part) and rename. Who may write there is the file system's matter.
"""

import contextlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

LARGEST: Final = 64 * 1024  # bytes of a report
AT_ONCE: Final = 200  # reports that one round looks at
SUFFIX: Final = ".json"
_MODE: Final = 0o640  # the unit's user reads it by the group


class TooLarge(Exception):
    """A report of more than LARGEST bytes, or something that is no file."""


@dataclass(frozen=True)
class Folder:
    """`ours`: what we write there, `tasks` or `news`."""

    path: Path
    ours: Literal["tasks", "news"] = "tasks"

    def put(self, key: str, body: bytes) -> None:
        """Write it for the unit; the same again replaces it by itself. OSError."""
        folder = self._made(self.ours)
        part = folder / f".{key}.{os.getpid()}.part"
        _write(part, body)
        os.replace(part, folder / f"{key}{SUFFIX}")
        _settle(folder)

    def has(self, key: str) -> bool:
        return (self.path / self.ours / f"{key}{SUFFIX}").exists()

    def remove(self, key: str) -> None:
        (self.path / self.ours / f"{key}{SUFFIX}").unlink(missing_ok=True)

    def lying(self) -> list[str]:
        """The keys of what lies there for the unit, at most AT_ONCE. OSError."""
        return [name.removesuffix(SUFFIX) for name in _names(self._made(self.ours))]

    def reports(self) -> list[str]:
        """Names of what waits, oldest first, at most AT_ONCE. OSError."""
        return _names(self._made("reports"))

    def read(self, name: str) -> bytes:
        """A report. TooLarge; OSError: another process has taken it, or it is a link to somewhere else."""
        place = os.open(self.path / "reports" / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(place, "rb") as file:
            if not stat.S_ISREG(os.fstat(place).st_mode):
                raise TooLarge
            body = file.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise TooLarge
        return body

    def applied(self, name: str) -> None:
        """Its content is ours now: a file that stays would be personal data lying about."""
        (self.path / "reports" / name).unlink(missing_ok=True)

    def refuse(self, name: str, reason: dict[str, object]) -> None:
        """Put it aside, with the reason for the unit's staff."""
        folder = self._made("refused")
        text = json.dumps(reason, ensure_ascii=False, indent=1)
        _write(folder / f"{name.removesuffix(SUFFIX)}.reason{SUFFIX}", text.encode())
        os.replace(self.path / "reports" / name, folder / name)

    def _made(self, name: str) -> Path:
        folder = self.path / name
        folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        return folder


def _names(folder: Path) -> list[str]:
    """Whole files, oldest first."""
    found = []
    with os.scandir(folder) as entries:
        for one in entries:
            if one.name.endswith(SUFFIX) and not one.name.startswith("."):
                with contextlib.suppress(FileNotFoundError):  # taken meanwhile
                    found.append((one.stat(follow_symlinks=False).st_mtime_ns, one.name))
    return [name for _, name in sorted(found)[:AT_ONCE]]


def _write(path: Path, body: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _MODE), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """The new name survives a loss of power."""
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
