"""Documents of a task: checked, sealed, and kept as files outside the database.

    bytes ─▶ size and type by content ─▶ SHA-256 ─▶ sealed file ─▶ row

The row comes last: a file without a row is rubbish, a row without a file would be a loss. Where several
replicas serve a desk they need one folder (YIKOU_DATA_DIR on a shared volume).
"""

import asyncio
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from services.domain.sealing import Keyring, Sealed
from services.kernel.columns import Big, UtcDateTime
from services.kernel.logs import logger
from services.kernel.surroundings import Surroundings
from services.kernel.tasks.refused import refused

log = logger("kernel.tasks")
LIMIT: Final = 10 << 20  # bytes
MOST: Final = 50  # documents of one task
MAGIC: Final[Mapping[str, bytes]] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
"""The types that are taken, by how their content begins: a name or a header can say anything."""


class TaskDocument(SQLModel, table=True):
    """A document (证据材料). `name` and the file's own `key` are sealed[task]; `size` in bytes."""

    __tablename__ = "task_document"
    __table_args__ = (Index("task_document_of_task", "task"),)
    id: UUID = Field(primary_key=True)
    task: str
    name: str = Field(repr=False)
    key: str = Field(repr=False)
    media_type: str
    size: int = Field(sa_type=Big)
    sha256: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True)
class Document:
    """A document as it is listed; `name` None: its key is not here. `size` in bytes, `sha256` in hex."""

    id: UUID
    name: str | None
    media_type: str
    size: int
    sha256: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Cabinet:
    """The files of one desk."""

    folder: Path
    keyring: Keyring
    around: Surroundings

    async def put(self, case_id: UUID, task: str, name: str, content: bytes, by: str) -> TaskDocument:
        """Check and keep the content; the row is still to be inserted.

        Problem: too large, unknown type, or the disk does not take it.
        """
        kind = kind_of(content)
        identity, key = self.around.new_id(), self.around.random.randbytes(32)
        nonce = self.around.random.randbytes(12)
        try:
            await asyncio.to_thread(_seal_to, self._path(identity), key, nonce, identity, content)
        except OSError as error:
            log.error("document.not_kept", error=type(error).__name__, errno=error.errno)
            raise refused("document-not-kept") from None

        def seal(field: str, text: str) -> str:
            return self.keyring.seal("task", case_id, field, text, self.around.random.randbytes)

        return TaskDocument(
            id=identity, task=task, name=seal("document", name), key=seal("document-key", key.hex()),
            media_type=kind, size=len(content), sha256=hashlib.sha256(content).hexdigest(), by=by,
            at=self.around.now(),
        )  # fmt: skip

    async def get(self, case_id: UUID, row: TaskDocument) -> bytes:
        """The content. Problem `document-lost`: the file or its key is gone, or it is not what was kept."""
        try:
            key = bytes.fromhex(self.keyring.open(row.key, case_id, "document-key"))
            content = await asyncio.to_thread(_open_from, self._path(row.id), key, row.id)
        except (Sealed, InvalidTag, OSError, ValueError):
            raise refused("document-lost") from None
        if hashlib.sha256(content).hexdigest() != row.sha256:
            raise refused("document-lost")
        return content

    def listed(self, session: Session, task: str, case_id: UUID) -> list[Document]:
        rows = session.scalars(
            select(TaskDocument).where(TaskDocument.task == task).order_by(col(TaskDocument.id))
        )
        return [
            Document(row.id, self.name(case_id, row), row.media_type, row.size, row.sha256, row.by, row.at)
            for row in rows
        ]

    def name(self, case_id: UUID, row: TaskDocument) -> str | None:
        try:
            return self.keyring.open(row.name, case_id, "document")
        except Sealed:
            return None

    def _path(self, identity: UUID) -> Path:
        return self.folder / identity.hex[-2:] / identity.hex


def kind_of(content: bytes) -> str:
    """The media type by content. Problem: `document-too-large`, `document-type`."""
    if len(content) > LIMIT:
        raise refused("document-too-large")
    found = next((kind for kind, magic in MAGIC.items() if content.startswith(magic)), None)
    if found is None:
        raise refused("document-type")
    return found


def _open_from(path: Path, key: bytes, identity: UUID) -> bytes:
    raw = path.read_bytes()
    return AESGCM(key).decrypt(raw[:12], raw[12:], identity.bytes)


def _seal_to(path: Path, key: bytes, nonce: bytes, identity: UUID, content: bytes) -> None:
    """Whole and on the disk, or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(nonce + AESGCM(key).encrypt(nonce, content, identity.bytes))
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
