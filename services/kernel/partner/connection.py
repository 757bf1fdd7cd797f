"""One HTTP/1.1 connection, one exchange at a time, with an answer that is cut before it can do harm.

llhttp (httptools) parses, strictly; the rest is here because a general client costs fifteen times the CPU,
and every case passes here. There is no code for redirects, proxies, cookies or content encodings.
"""

import asyncio
from typing import Final, cast

import httptools

from services.kernel.partner.answers import Answer

LARGEST: Final = 64 * 1024  # bytes of an answer's body
HEAD: Final = 64 * 1024  # bytes of everything else in an answer


class Broken(Exception):
    """No whole answer came: the connection ended too early, or what came is no HTTP."""


class Connection(asyncio.Protocol):
    """`read`: seconds of silence after which an exchange ends with TimeoutError."""

    def __init__(self, read: float) -> None:
        self._read, self._loop = read, asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._begin()

    @property
    def usable(self) -> bool:
        """Whether another exchange may begin."""
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes) -> Answer:
        """Send the request, return its answer. Broken or TimeoutError: the connection is closed."""
        if self._transport is None:
            raise Broken
        self._begin()
        self._waiting, self._heard_at = self._loop.create_future(), self._loop.time()
        self._timer = self._loop.call_later(self._read, self._listen)
        self._transport.write(request)
        try:
            return await self._waiting
        finally:
            self._timer.cancel()
            self._waiting = None
            if not self._may_go_on:
                self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _begin(self) -> None:
        """Forget the last answer."""
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._size = self._received = 0
        self._in_body = self._may_go_on = False

    def _listen(self) -> None:
        """Silence for `read` seconds ends the exchange; otherwise look again when it may have."""
        rest = self._heard_at + self._read - self._loop.time()
        if rest <= 0:
            self._fail(TimeoutError())
        else:
            self._timer = self._loop.call_later(rest, self._listen)

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)

    def _settle(self, body: bytes | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(self._parser.get_status_code(), self._headers, body))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            return self.close()  # nobody asked: it must not be taken for the next answer
        self._heard_at = self._loop.time()
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return self._fail(Broken())
        if self._received - self._size > HEAD:
            self._fail(Broken())
        return None

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        until_the_end = self._in_body and not {"content-length", "transfer-encoding"} & self._headers.keys()
        if error is None and until_the_end:
            self._settle(b"".join(self._body))
        self._fail(Broken())

    # What the parser found.

    def on_message_begin(self) -> None:
        self._may_go_on = False  # a second answer to one request: the sender is confused

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        if self._parser.get_status_code() < 200:
            self._headers.clear()  # 100 Continue and its like: the answer is still to come
            return
        self._in_body = True
        if self._headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            self._settle(None)

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > LARGEST:
            self._settle(None)
        else:
            self._body.append(part)

    def on_message_complete(self) -> None:
        if self._in_body and self._waiting is not None and not self._waiting.done():
            self._may_go_on = self._parser.should_keep_alive()
            self._settle(b"".join(self._body))
