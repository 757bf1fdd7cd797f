"""A network that can fail: a TCP proxy on 127.0.0.1 between a client and a server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CHUNK = 65536


@dataclass
class Proxy:
    """`losing`: the next request with these bytes reaches the server, its answer is lost and the connection
    with it. `after`: bytes that must have passed on that connection before. `cut` ends all connections.
    `freeze`: nothing passes any more on those that are open, and neither end is told; new ones are well."""

    server: int
    port: int = 0
    losing: bytes | None = None
    after: bytes = b""
    lost: int = 0
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _frozen: list[asyncio.Event] = field(default_factory=list)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _clients: set[asyncio.Task[None]] = field(default_factory=set)

    def freeze(self) -> None:
        self._flowing.clear()
        self._frozen.append(self._flowing)
        self._flowing = asyncio.Event()
        self._flowing.set()

    def cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One more client."""
        client = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def end(self) -> None:
        for flowing in self._frozen:
            flowing.set()
        self.cut()
        await asyncio.gather(*self._clients)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, to_server = await asyncio.open_connection("127.0.0.1", self.server)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, to_server}
        flowing, answered = self._flowing, asyncio.Event()
        answered.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._requests(reader, to_server, flowing, answered))
                tasks.create_task(self._answers(there, writer, flowing, answered))
        except* (OSError, EOFError):
            pass
        finally:
            for one in (writer, to_server):
                one.transport.abort()
                self._open.discard(one)

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        flowing: asyncio.Event,
        answered: asyncio.Event,
    ) -> None:
        ripe = False
        while data := await reader.read(CHUNK):
            await flowing.wait()
            ripe = self.losing is not None and (ripe or self.after in data)
            if ripe and self.losing is not None and self.losing in data:
                self.losing = None
                answered.clear()
            writer.write(data)
            await writer.drain()
        raise EOFError

    async def _answers(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        flowing: asyncio.Event,
        answered: asyncio.Event,
    ) -> None:
        while data := await reader.read(CHUNK):
            await flowing.wait()
            if not answered.is_set():
                self.lost += 1
                break
            writer.write(data)
            await writer.drain()
        raise EOFError


@asynccontextmanager
async def proxy_to(port: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(port)
    proxy._flowing.set()
    listening = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    proxy.port = listening.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listening.close()
        await proxy.end()
