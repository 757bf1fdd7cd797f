"""The way to the telephone network: a text message goes to a gateway, and can be asked for by its reference.

    file:///{data}/sms      one file for each message; as with sqlite a fourth slash makes the path absolute
    http(s)://gateway/sms   POST {"reference", "to", "text"} → 200 {"id"}: it has it, as before if it had it
                            GET /sms/{reference} → 200 {"state"}: known · 404 as JSON: never arrived

A gateway takes each reference once. An answer that tells nothing counts as lost: the gateway is asked before
anything is sent again. 404 is believed when nothing of ours can be on its way to it any more.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, Literal, Protocol
from urllib.parse import quote

from services.kernel.messages import CallFailed
from services.kernel.partner.answers import require_success
from services.kernel.partner.client import PartnerHttp

Known = Literal["delivered", "absent", "unknown"]
ARRIVES_WITHIN: Final = timedelta(seconds=30)  # longer than we wait for an answer: a queue may hold one
ANYWHERE: Final = ("0.0.0.0/0", "::/0")  # the operator of the installation says where the gateway is
_MAYBE: Final = frozenset({500, 502, 504})  # it, or something before it, broke after it had begun
_TAKEN: Final = frozenset({"accepted", "queued", "sent", "delivered"})


@dataclass(frozen=True, slots=True)
class Text:
    """`to` in E.164. `at`: from when on it was to leave (UTC), the same on every try of a reference."""

    reference: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


class Gateway(Protocol):
    """Takes text messages. Two implementations, one suite: tests/notifier/test_gateways.py."""

    async def send(self, text: Text) -> None:
        """Returns once the gateway has it; CallFailed otherwise, `lost` when it may have it."""

    async def ask(self, text: Text) -> Known:
        """Whether the gateway has this reference; CallFailed when it does not answer."""

    async def newest(self, limit: int) -> list[Text] | None:
        """What was sent, newest first; None: the gateway keeps that to itself."""


def gateway_at(url: str, http: PartnerHttp) -> Gateway:
    """The gateway that YIKOU_SMS_URL means. ValueError for another scheme."""
    if url.startswith("file:///"):
        return FileGateway(Path(url.removeprefix("file:///")))
    if url.startswith(("http://", "https://")):
        return HttpGateway(url.rstrip("/"), http)
    raise ValueError("YIKOU_SMS_URL 应以 file:///、http:// 或 https:// 开头 / must begin with one of these")


@dataclass(frozen=True)
class HttpGateway:
    """`url`: where texts are posted to, without a final slash."""

    url: str = field(repr=False)
    http: PartnerHttp

    async def send(self, text: Text) -> None:
        body = json.dumps({"reference": text.reference, "to": text.to, "text": text.text}, ensure_ascii=False)
        answer = await self.http.call(
            "POST", self.url, allow=ANYWHERE, headers={"content-type": "application/json"}, body=body.encode()
        )
        if answer.status in _MAYBE:
            raise CallFailed("partner_error", lost=True, status=answer.status)
        if not isinstance((require_success(answer).json() or {}).get("id"), str):
            raise CallFailed("unreadable", lost=True, status=answer.status)

    async def ask(self, text: Text) -> Known:
        answer = await self.http.call("GET", f"{self.url}/{quote(text.reference, safe='')}", allow=ANYWHERE)
        found = answer.json()
        if answer.status == 404 and found is not None:
            return "absent"
        if (require_success(answer).json() or {}).get("state") in _TAKEN:
            return "delivered"
        return "unknown"

    async def newest(self, limit: int) -> list[Text] | None:
        return None


@dataclass
class FileGateway:
    """One JSON file for each message: {folder}/{day}/{time}-{reference}.json, all in UTC.

    A file appears whole, under a name that only one can take, and is on the disk before `send` returns. What
    comes together is written together, and waits for the disk once.
    """

    folder: Path
    _waiting: list[tuple[Text, "asyncio.Future[None]"]] = field(default_factory=list, compare=False)
    _writing: "asyncio.Task[None] | None" = field(default=None, compare=False)

    async def send(self, text: Text) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((text, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="notifier.texts")
        try:
            await written
        except OSError:
            raise CallFailed("disk") from None  # again under the same name: it is never there twice

    async def ask(self, text: Text) -> Known:
        return "delivered" if await asyncio.to_thread(self._path(text).exists) else "absent"

    async def newest(self, limit: int) -> list[Text] | None:
        return await asyncio.to_thread(lambda: list(islice(self._read(), limit)))

    def _path(self, text: Text) -> Path:
        name = quote(text.reference, safe="")
        if len(name) > 150:
            name = hashlib.sha256(text.reference.encode()).hexdigest()
        return self.folder / f"{text.at:%Y-%m-%d}" / f"{text.at:%H%M%S.%f}-{name}.json"

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            error: OSError | None = None
            try:
                await asyncio.to_thread(self._write, [text for text, _ in batch])
            except OSError as failed:
                error = failed
            for _, written in batch:
                if written.done():
                    continue  # whoever waited has gone
                if error is None:
                    written.set_result(None)
                else:
                    written.set_exception(error)

    def _write(self, texts: Sequence[Text]) -> None:
        paths = {self._path(text): text for text in texts}
        folders = {path.parent for path in paths}
        for folder in folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        drafts = {_draft(path, text): path for path, text in paths.items() if not path.exists()}
        for draft, path in drafts.items():
            _sync(draft)
            with contextlib.suppress(FileExistsError):  # written by another process meanwhile
                os.link(draft, path)
            os.unlink(draft)
        for folder in (*folders, self.folder):
            _sync(folder)

    def _read(self) -> Iterator[Text]:
        for day in sorted(self.folder.glob("????-??-??"), reverse=True):
            for path in sorted(day.glob("[!.]*.json"), reverse=True):
                found = json.loads(path.read_text("utf-8"))
                yield Text(**found | {"at": datetime.fromisoformat(found["at"])})


def _draft(path: Path, text: Text) -> str:
    """A file beside `path` with the whole message; its name is no other writer's."""
    content = {"reference": text.reference, "to": text.to, "text": text.text, "at": text.at.isoformat()}
    name = f"{path.parent}/.{path.name}.{os.getpid()}.{threading.get_ident()}"
    with open(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(json.dumps(content, ensure_ascii=False).encode())
    return name


def _sync(path: str | Path) -> None:
    """Wait until the file, or the folder's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
