"""Connections: used again, never with another's answer in them, and only to whom the certificate names."""

import asyncio

import pytest

from services.kernel.messages import CallFailed
from services.kernel.partner.answers import Answer
from services.kernel.partner.client import PartnerHttp
from tests.kernel.cells import until
from tests.kernel.partner.wire import Wire, response, says, wire

ALLOW = ["127.0.0.0/8"]


async def post(http: PartnerHttp, server: Wire) -> Answer:
    return await http.call("POST", server.url, allow=ALLOW, body=b"{}")


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n5\r\n\":1 }\r\n0\r\n\r\n",
        b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a":1 }',
        b"HTTP/1.1 102 Wait\r\nX: y\r\n\r\nHTTP/1.1 103 Early\r\n\r\n"
        b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a":1 }',
    ],
    ids=["chunked", "continue", "early hints"],
)  # fmt: skip
async def test_every_way_to_send_an_answer_is_understood(raw: bytes) -> None:
    async with wire(says(raw)) as server:
        http = PartnerHttp()
        assert [(await post(http, server)).json() for _ in range(2)] == [{"a": 1}] * 2
        assert server.connections == 1
        await http.close()


async def test_an_answer_may_last_until_the_connection_ends() -> None:
    async def old_fashioned(writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.0 200 OK\r\n\r\n{"a":1}')
        await writer.drain()
        writer.close()

    async with wire(old_fashioned) as server:
        http = PartnerHttp()
        assert (await post(http, server)).json() == {"a": 1}
        assert (await post(http, server)).json() == {"a": 1}
        assert server.connections == 2
        await http.close()


async def test_an_answer_that_ends_too_early_is_lost() -> None:
    async def short(writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"a":1}')
        await writer.drain()
        writer.close()

    async with wire(short) as server:
        http = PartnerHttp()
        with pytest.raises(CallFailed, match="connection_lost"):
            await post(http, server)
        await http.close()


async def test_a_second_answer_to_one_request_is_never_taken_for_the_next_one() -> None:
    for late in (False, True):

        async def twice(writer: asyncio.StreamWriter, late: bool = late) -> None:
            writer.write(response(200, b'{"a":1}'))
            if late:
                await writer.drain()
                await asyncio.sleep(0.02)
            writer.write(response(200, b'{"a":"of another"}'))

        async with wire(twice) as server:
            http = PartnerHttp()
            assert (await post(http, server)).json() == {"a": 1}
            await asyncio.sleep(0.1)
            assert (await post(http, server)).json() == {"a": 1}
            assert server.connections == 2
            await http.close()


async def test_a_connection_that_the_partner_closed_meanwhile_is_not_used() -> None:
    async def once(writer: asyncio.StreamWriter) -> None:
        writer.write(response())
        await writer.drain()
        writer.close()

    async with wire(once) as server:
        http = PartnerHttp()
        for _ in range(3):
            assert (await post(http, server)).status == 200
            await asyncio.sleep(0.02)
        assert server.connections == 3
        await http.close()


async def test_a_partner_that_says_close_is_left() -> None:
    async with wire(says(response(200, b"{}", "Connection: close"))) as server:
        http = PartnerHttp()
        await post(http, server)
        await post(http, server)
        assert server.connections == 2
        await http.close()


async def test_calls_at_the_same_time_have_a_connection_each() -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(response())

    async with wire(slowly) as server:
        http = PartnerHttp()
        answers = await asyncio.gather(*(post(http, server) for _ in range(5)))
        assert [answer.status for answer in answers] == [200] * 5
        assert server.connections == 5
        await http.close()


async def test_what_is_allowed_for_one_partner_is_no_way_to_another() -> None:
    """A connection that one allowance opened is not lent to a call without it."""
    async with wire(says(response())) as server:
        http = PartnerHttp()
        await post(http, server)
        with pytest.raises(CallFailed, match="address_refused"):
            await http.call("POST", server.url, allow=["10.0.0.0/8"], body=b"{}")
        await http.close()


async def test_a_header_cannot_smuggle_another_request() -> None:
    async with wire(says(response())) as server:
        http = PartnerHttp()
        with pytest.raises(ValueError, match="line break"):
            await http.call("POST", server.url, allow=ALLOW, headers={"x": "y\r\n\r\nGET /"}, body=b"{}")
        assert server.requests == []
        await http.close()


async def test_an_idle_connection_is_let_go() -> None:
    async with wire(says(response())) as server:
        http = PartnerHttp()
        await post(http, server)
        assert server.closed == 0
        await until(lambda: server.closed == 1, seconds=5)
        await http.close()
