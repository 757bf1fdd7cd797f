import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.simulators.line import Line, LineBroke


@asynccontextmanager
async def server(*answers: bytes) -> AsyncIterator[tuple[str, list[bytes], list[asyncio.Task[None]]]]:
    """Answers each request with the next of `answers`, b"" cuts; gives URL, requests, connections."""
    requests: list[bytes] = []
    connections: list[asyncio.Task[None]] = []
    left = list(answers)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            connections.append(task)
        while left:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except EOFError:
                break
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            requests.append(head + await reader.readexactly(length))
            answer = left.pop(0)
            if not answer:
                break
            writer.write(answer)
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/base", requests, connections
    await asyncio.gather(*connections)


OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
CHUNKED = b"HTTP/1.1 503 Later\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


async def test_posts_share_a_connection_as_long_as_it_lives() -> None:
    async with server(OK, EMPTY, CHUNKED, LAST, OK) as (url, requests, connections):
        line = Line(url)
        statuses = [await line.post("/events", {"webhook-id": "m1"}, "欠薪".encode()) for _ in range(5)]
        line.close()
    assert statuses == [202, 204, 503, 200, 202]
    assert len(connections) == 3
    assert requests[0].startswith(b"POST /base/events HTTP/1.1\r\nHost: 127.0.0.1:")
    assert requests[0].endswith(b"webhook-id: m1\r\nContent-Length: 6\r\n\r\n" + "欠薪".encode())


@pytest.mark.parametrize("answer", [b"", b"220 smtp.example ESMTP\r\n\r\n", b"HTTP/1.1\r\n\r\n"])
async def test_after_a_broken_answer_the_next_post_opens_a_new_connection(answer: bytes) -> None:
    async with server(answer, OK) as (url, _, connections):
        line = Line(url)
        with pytest.raises(LineBroke):
            await line.post("/events", {}, b"")
        assert await line.post("/events", {}, b"") == 202
        line.close()
    assert len(connections) == 2


async def test_a_post_that_was_cancelled_leaves_no_answer_for_the_next() -> None:
    half = b"HTTP/1.1 500 Late\r\nConte"
    async with server(half, OK, OK) as (url, _, connections):
        line = Line(url)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await line.post("/events", {}, b"")
        assert await line.post("/events", {}, b"") == 202
        line.close()
    assert len(connections) == 2


async def test_nobody_listening_is_a_broken_line(free_port: int) -> None:
    with pytest.raises(LineBroke):
        await Line(f"http://127.0.0.1:{free_port}").post("/events", {}, b"")
