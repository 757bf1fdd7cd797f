"""The key ring's file: JSON, readable by its owner alone, replaced as a whole or not at all.

{"audiences": {"contact": {"active": "k1", "keys": {"k1": "<base64 of 32 bytes>"}}, "task": …, "identity": …},
 "partners": {"<unit id>": ["whsec_… (newest first)", …]}}
"""

import base64
import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError


def _strictly_decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


KeyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
Key = Annotated[bytes, BeforeValidator(_strictly_decoded)]
Audience = Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")]


class KeyringError(ValueError):
    """A key ring, or its file, cannot be used; the sentence says where and why, and never quotes a key."""


class RingEntry(BaseModel):
    """One audience's keys, as written."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    active: KeyId
    keys: dict[KeyId, Key]


class KeyringEntry(BaseModel):
    """The whole file, as written."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    audiences: dict[Audience, RingEntry]
    partners: dict[str, tuple[str, ...]] = {}


def read(path: Path) -> KeyringEntry:
    """The file's content. Raises KeyringError, naming the file and every entry that is wrong."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyringError(f"key ring {path} cannot be read: {type(error).__name__}") from None
    try:
        return KeyringEntry.model_validate_json(text)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}"
            for one in error.errors(include_input=False, include_context=False, include_url=False)
        )
        raise KeyringError(f"key ring {path}: {wrong}") from None


def write(path: Path, text: str) -> None:
    """Replace `path` by `text`, mode 0600; a crash leaves the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
