"""What a back-up holds: written last, and asked before anything is restored."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from services.commands.installation import NotPossible
from services.commands.migrate import databases
from services.domain.sealing import Keyring

NAME: Final = "manifest.json"
Kind = Literal["sqlite", "postgresql"]


class Manifest(BaseModel):
    """`schemas`: the version of every history; `keys`: of every audience the keys' marks, which tell nothing
    of them; `files`: SHA-256 by file name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    at: datetime
    kind: Kind
    schemas: dict[str, str]
    keys: dict[str, list[str]]
    files: dict[str, str]

    @classmethod
    def of(cls, folder: Path, kind: Kind, at: datetime, ring: Keyring) -> Self:
        """Of the files that stand in the folder."""
        names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != NAME)
        return cls(
            at=at, kind=kind, schemas=_schemas(), keys=marks(ring),
            files={name: digest(folder / name) for name in names},
        )  # fmt: skip

    @classmethod
    def read(cls, folder: Path) -> Self:
        """NotPossible: this is no back-up, or not a whole one."""
        try:
            found = cls.model_validate_json((folder / NAME).read_text("utf-8"))
        except (OSError, ValidationError):
            raise NotPossible(
                f"{folder} 不是一份完整的备份（没有可读的 {NAME}）。"
                f"/ {folder} is no whole back-up: it has no readable {NAME}."
            ) from None
        for name, wanted in found.files.items():
            if not (folder / name).is_file() or digest(folder / name) != wanted:
                where = folder / name
                raise NotPossible(
                    f"备份文件 {where} 缺失或已损坏。/ The back-up's {where} is missing or damaged."
                )
        return found

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(self.model_dump_json(indent=1), "utf-8")

    def check(self, ring: Keyring, keyring: Path) -> None:
        """NotPossible: made by a newer program, or sealed with keys that this ring lacks."""
        ours = _schemas()
        for history, version in self.schemas.items():
            if version > ours.get(history, ""):
                raise NotPossible(
                    f"这份备份的库结构（{history} {version}）比程序新，请换新版程序。"
                    f"/ The tables of this back-up ({history} {version}) are newer than the program: "
                    "use a newer program."
                )
        known = marks(ring)
        if any(set(of) - set(known.get(audience, ())) for audience, of in self.keys.items()):
            raise NotPossible(
                f"密钥环 {keyring} 打不开这份备份中封存的内容，请先放回当时的密钥环。"
                f"/ The key ring {keyring} cannot open what is sealed in this back-up: put its own key ring "
                "there first."
            )


def marks(ring: Keyring) -> dict[str, list[str]]:
    """What tells keys apart: a hash of 32 random bytes leads nowhere."""
    return {
        audience: sorted(hashlib.blake2b(key, digest_size=8).hexdigest() for key in one.keys.values())
        for audience, one in ring.rings.items()
    }


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _schemas() -> Mapping[str, str]:
    return {history.name: history.head for _, histories in databases() for history in histories}
