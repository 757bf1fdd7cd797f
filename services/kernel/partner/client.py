"""One HTTP call to somebody else's system.

Built on httpcore, where what must not happen is absent rather than switched off: it follows no redirect,
reads no proxy from the environment and unpacks no content encoding. A name is resolved when a connection is
made, all its addresses are checked, and one of those is connected to; certificate and Host header stay the
name's.
"""

import asyncio
import ssl
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from ipaddress import ip_network
from typing import Final
from urllib.parse import quote, urlsplit

import httpcore

from services.kernel.messages import CallFailed
from services.kernel.partner.addresses import Network, Refused, Resolver, check, resolve
from services.kernel.partner.answers import Answer

CONNECT, READ, TOTAL = 3.0, 15.0, 20.0  # seconds
LARGEST: Final = 64 * 1024  # bytes of an answer's body
_IDLE: Final = 2.5  # seconds a connection is kept: less than servers do, so that none closes under a request
_PATH: Final = "/%:@!$&'()*+,;=~-._"
Pair = tuple[bytes, bytes]


class PartnerHttp:
    """Keeps connections for all partners. `resolver` gives the addresses of a name; tests have their own."""

    def __init__(self, resolver: Resolver = resolve, *, read: float = READ, total: float = TOTAL) -> None:
        self._resolver, self._total = resolver, total
        self._timeouts = {"connect": CONNECT, "pool": CONNECT, "read": read, "write": read}
        self._pools: dict[tuple[str, tuple[str, ...]], httpcore.AsyncConnectionPool] = {}

    async def call(
        self,
        method: str,
        url: str,
        *,
        allow: Sequence[str | Network] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """The partner's answer, whatever it is (`answers.require_success`). CallFailed when there is none.

        allow: networks that the address may lie in besides the internet; plain http goes to these only.
        """
        try:
            scheme, target = _target(url)
            pairs = [(b"host", _host(target)), (b"accept-encoding", b"identity")]
            pairs += [
                (name.encode("ascii"), value.encode("latin-1")) for name, value in (headers or {}).items()
            ]
            if body or method == "POST":
                pairs.append((b"content-length", str(len(body)).encode()))
            async with asyncio.timeout(self._total):
                return await self._exchange(self._pool(scheme, allow), method, target, pairs, body)
        except Refused as error:
            raise CallFailed(error.reason, permanent=error.reason != "name_unknown") from None
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout):
            raise CallFailed("unreachable") from None
        except (TimeoutError, httpcore.TimeoutException):
            raise CallFailed("timeout", lost=True) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise CallFailed("connection_lost", lost=True) from None

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    async def _exchange(
        self,
        pool: httpcore.AsyncConnectionPool,
        method: str,
        target: httpcore.URL,
        headers: list[Pair],
        body: bytes,
    ) -> Answer:
        given = {"timeout": self._timeouts}
        async with pool.stream(method, target, headers=headers, content=body, extensions=given) as response:
            found = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            }
            if found.get("content-encoding", "identity").lower() not in ("", "identity"):
                return Answer(response.status, found, None)
            chunks, size = [], 0
            async for chunk in response.aiter_stream():
                size += len(chunk)
                if size > LARGEST:
                    return Answer(response.status, found, None)
                chunks.append(chunk)
            return Answer(response.status, found, b"".join(chunks))

    def _pool(self, scheme: str, allow: Sequence[str | Network]) -> httpcore.AsyncConnectionPool:
        key = (scheme, tuple(str(network) for network in allow))
        if key not in self._pools:
            secure = scheme == "https"
            self._pools[key] = httpcore.AsyncConnectionPool(
                ssl_context=self._certificates if secure else None,
                max_connections=100,
                max_keepalive_connections=64,
                keepalive_expiry=_IDLE,
                network_backend=_Checked([ip_network(one) for one in key[1]], secure, self._resolver),
            )
        return self._pools[key]

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return ssl.create_default_context()


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only; `public`: the whole internet besides `allow`."""

    def __init__(self, allow: Sequence[Network], public: bool, resolver: Resolver) -> None:
        self._allow, self._public, self._resolver = allow, public, resolver
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(CONNECT):
                found = check(await self._resolver(host, port), self._allow, public=self._public)
                for address in found[:-1]:
                    try:
                        return await self._inner.connect_tcp(address, port, timeout, None, socket_options)
                    except httpcore.ConnectError:
                        continue
                return await self._inner.connect_tcp(found[-1], port, timeout, None, socket_options)
        except TimeoutError:
            raise httpcore.ConnectTimeout("no connection in time") from None


def _target(url: str) -> tuple[str, httpcore.URL]:
    """The parts of an address; Refused when it is not plainly http(s)://host[:port]/path[?query]."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except ValueError:
        raise Refused("address_malformed") from None
    odd = any(sign <= " " or sign in '\\<>"' or sign == "\x7f" for sign in url)
    if odd or not host or parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise Refused("address_malformed")
    path = quote(parts.path or "/", safe=_PATH) + (
        f"?{quote(parts.query, safe=_PATH + '?')}" if parts.query else ""
    )
    return parts.scheme, httpcore.URL(scheme=parts.scheme, host=host, port=port, target=path)


def _host(target: httpcore.URL) -> bytes:
    host = b"[%b]" % target.host if b":" in target.host else target.host
    return host if target.port is None else b"%b:%d" % (host, target.port)
