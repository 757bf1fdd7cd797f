"""One kept-alive HTTP/1.1 connection that only posts, for call-backs.

By hand because simulators share the machine with what is measured, and a client library costs much more.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

TIMEOUT = 20.0  # seconds for a whole post


class LineBroke(Exception):
    """Nobody listens, the connection was cut, or no HTTP came back in time."""


class Line:
    """A connection to `url` ("http://host:port[/path]"), opened with the first post, again when it broke."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port or 80, parts.path.rstrip("/")
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer, its body is thrown away; LineBroke."""
        try:
            async with asyncio.timeout(TIMEOUT):
                reader, writer = await self._connection()
                lines = [f"POST {self._path}{path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
                lines += [f"{name}: {value}" for name, value in headers.items()]
                writer.write("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
                return await self._status(reader)
        except (OSError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError) as error:
            self.close()
            raise LineBroke(type(error).__name__) from error
        except asyncio.CancelledError:
            self.close()  # an answer may still come: it would be taken for the next one's
            raise

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._open is not None and self._open[0].at_eof():
            self.close()
        if self._open is None:
            self._open = await asyncio.open_connection(self._host, self._port)
        return self._open

    async def _status(self, reader: asyncio.StreamReader) -> int:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = headers.get("content-length", "0" if status == 204 else "")
        if length:
            await reader.readexactly(int(length))
        if not length or headers.get("connection", "").lower() == "close":
            self.close()
        return status
