"""A way between two parts that can be broken: a TCP proxy on 127.0.0.1 whose fault is switched.

reset: every connection is cut now · refuse: new ones are cut at once · swallow: nothing passes and nobody is
told, then all is cut · slow: 200 ms each way · half: the next answer stops in the middle.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

CHUNK: Final = 65536
SLOW: Final = 0.2  # seconds
HERE: Final = "127.0.0.1"


@dataclass
class Way:
    """To `server` (a port of 127.0.0.1) by way of `port`."""

    server: int
    port: int = 0
    mode: str = ""
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _clients: set["asyncio.Task[None]"] = field(default_factory=set)

    def break_(self, mode: str) -> None:
        self.mode = mode
        if mode == "reset":
            self._cut()

    def mend(self) -> None:
        if self.mode == "swallow":
            self._cut()
        self.mode = ""

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def end(self) -> None:
        self._cut()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "refuse":
            writer.transport.abort()
            return
        try:
            there, to_server = await asyncio.open_connection(HERE, self.server)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, to_server}
        self._open |= both
        passing = [
            asyncio.create_task(self._pass(reader, to_server, answers=False)),
            asyncio.create_task(self._pass(there, writer, answers=True)),
        ]
        try:
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in passing:
                one.cancel()
            for end in both:
                end.transport.abort()
            self._open -= both
            await asyncio.gather(*passing, return_exceptions=True)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.mode == "slow":
                    await asyncio.sleep(SLOW)
                while self.mode == "swallow":  # noqa: ASYNC110 (until it is mended, which cuts us)
                    await asyncio.sleep(0.05)
                if self.mode == "half" and answers:
                    self.mode = ""
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    return
                writer.write(data)
                await writer.drain()


@contextlib.asynccontextmanager
async def way_to(server: int) -> AsyncIterator[Way]:
    way = Way(server)
    listening = await asyncio.start_server(way.take, HERE, 0)
    way.port = int(listening.sockets[0].getsockname()[1])
    try:
        yield way
    finally:
        listening.close()
        await way.end()
