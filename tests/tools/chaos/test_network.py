"""A way that can be broken: what passes, what does not, and that it is well again when it is mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tools.chaos.network import Way, way_to

WORD, ANSWER = b"case\n", b"0123456789"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.readline():
        writer.write(ANSWER)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def a_way() -> AsyncIterator[Way]:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    async with way_to(server.sockets[0].getsockname()[1]) as way:
        yield way
    server.close()


async def ask(way: Way) -> bytes:
    """The whole answer; EOFError or OSError when it did not come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
    try:
        writer.write(WORD)
        return await reader.readexactly(len(ANSWER))
    finally:
        writer.close()


async def test_an_unbroken_way_passes_everything() -> None:
    async with a_way() as way:
        assert await ask(way) == ANSWER


@pytest.mark.parametrize("mode", ["refuse", "half"])
async def test_a_broken_way_ends_the_connection_and_a_mended_one_is_well(mode: str) -> None:
    async with a_way() as way:
        way.break_(mode)
        with pytest.raises((EOFError, OSError)):
            await ask(way)
        way.mend()
        assert await ask(way) == ANSWER


async def test_a_reset_cuts_what_is_open() -> None:
    async with a_way() as way:
        reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
        writer.write(WORD)
        await reader.readexactly(len(ANSWER))
        way.break_("reset")
        with pytest.raises((EOFError, OSError)):
            await reader.readexactly(1)
        writer.close()


async def test_a_way_that_swallows_everything_tells_nobody_until_it_is_mended() -> None:
    async with a_way() as way:
        way.break_("swallow")
        asking = asyncio.create_task(ask(way))
        done, _ = await asyncio.wait({asking}, timeout=0.2)
        assert not done
        way.mend()
        with pytest.raises((EOFError, OSError)):
            await asking
        assert await ask(way) == ANSWER
