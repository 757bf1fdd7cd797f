"""The real nginx with our configuration, in front of processes that only say which service they are."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import httpx

from services.commands.builders import BUILDERS
from tools.real.parent import ends_with_parent
from tools.scaled.proxy import configure

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def process_of(service: str, number: int) -> Answering:
    """Answers every request with its name and with the headers that it was sent."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
                await reader.readexactly(int(headers.get("content-length", "0")))
                said = json.dumps({"service": service, "number": number, "headers": headers}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(said), said))
        writer.close()

    return answer


@contextlib.asynccontextmanager
async def proxied(
    folder: Path, port: int, *, away: Sequence[str] = (), twice: Sequence[str] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the proxy. `away`: services without a process; `twice`: those with two."""
    async with contextlib.AsyncExitStack() as stack:
        at: dict[str, list[str]] = {}
        for service in BUILDERS:
            for number in range(2 if service in twice else 1):
                server = await asyncio.start_server(process_of(service, number), "127.0.0.1", 0)
                stack.callback(server.close)
                host, own_port = server.sockets[0].getsockname()
                at.setdefault(service, []).append(f"{host}:{own_port}")
        at |= {service: ["127.0.0.1:1"] for service in away}  # where nobody listens
        await stack.enter_async_context(_running(configure(folder, f"127.0.0.1:{port}", at), port))
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
        yield await stack.enter_async_context(client)


@contextlib.asynccontextmanager
async def _running(command: Sequence[str], port: int) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(*command, preexec_fn=ends_with_parent(signal.SIGTERM))
    try:
        for _ in range(500):
            if await _listens(port):
                break
            await asyncio.sleep(0.02)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
