"""Kept-alive HTTP/1.1 connections that post and read the answer, for a load that shares the machine.

By hand because a client library costs more than what is measured.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import cast
from urllib.parse import urlsplit

from services.commands.installation import NotPossible


class Line(asyncio.Protocol):
    """One connection, one question at a time. ConnectionError when it breaks or the answer has no length."""

    def __init__(self, head: bytes) -> None:
        self._head = head  # the headers of every request
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._received = b""

    async def post(self, path: str, body: bytes, key: str = "") -> tuple[int, bytes]:
        """Status and body of the answer. `key`: Idempotency-Key."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("closed")
        self._answer = asyncio.get_running_loop().create_future()
        own = f"Idempotency-Key: {key}\r\n" if key else ""
        first = f"POST {path} HTTP/1.1\r\n{own}Content-Length: {len(body)}\r\n"
        self._transport.write(first.encode() + self._head + body)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = _length(head)
        if length is None:
            self._end(ConnectionError("an answer without a length"))
        elif len(rest) >= length:
            self._received = b""
            if self._answer is not None and not self._answer.done():
                self._answer.set_result((int(head[9:12]), rest[:length]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionError("cut"))

    def _end(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.close()


def _length(head: bytes) -> int | None:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return None


@contextlib.asynccontextmanager
async def lines(url: str, token: str, number: int) -> AsyncIterator[Sequence[Line]]:
    """`number` connections to `url` with this token. NotPossible when one breaks inside."""
    where = urlsplit(url)
    head = f"Host: {where.netloc}\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n\r\n"
    opened: list[Line] = []
    try:
        for _ in range(number):
            _, line = await asyncio.get_running_loop().create_connection(
                lambda: Line(head.encode()), where.hostname or "", where.port or 80
            )
            opened.append(line)
        yield opened
    except OSError as error:
        why = type(error).__name__
        raise NotPossible(f"连接中断（{why}）。/ A connection broke ({why}).") from None
    finally:
        for line in opened:
            line.close()
