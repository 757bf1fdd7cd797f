"""One HTTP call to somebody else's system.

A name is resolved when a connection is made, all its addresses are checked, and one of those is connected
to; certificate and Host header stay the name's. Redirects are answers, the environment's proxies not read.
"""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from ipaddress import ip_network
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from services.kernel.messages import CallFailed
from services.kernel.partner.addresses import Network, Refused, Resolver, check, resolve
from services.kernel.partner.answers import Answer
from services.kernel.partner.connection import Broken, Connection

CONNECT, READ, TOTAL = 3.0, 15.0, 20.0  # seconds
_IDLE: Final = 2.5  # seconds a connection is kept: less than servers do, so that none closes under a request
_PATH: Final = "/%:@!$&'()*+,;=~-._"


class Target(NamedTuple):
    """The parts of an address. `path` with the query; `named`: as the Host header says it."""

    scheme: str
    host: str
    port: int
    path: str
    named: str


Origin = tuple[str, str, int, tuple[str, ...]]  # scheme, host, port, allowed networks


class PartnerHttp:
    """Keeps connections for all partners. `resolver` gives the addresses of a name; tests have their own.

    read: seconds of silence; total: seconds of a whole call, connecting left out.
    """

    def __init__(self, resolver: Resolver = resolve, *, read: float = READ, total: float = TOTAL) -> None:
        self._resolver, self._read, self._total = resolver, read, total
        self._idle: defaultdict[Origin, dict[Connection, asyncio.TimerHandle]] = defaultdict(dict)

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
            target = _target(url)
            origin = (target.scheme, target.host, target.port, tuple(str(one) for one in allow))
            connection = self._kept(origin) or await self._connect(origin)
        except Refused as error:
            raise CallFailed(error.reason, permanent=error.reason != "name_unknown") from None
        except ssl.SSLError:
            raise CallFailed("certificate_refused") from None
        except OSError:
            raise CallFailed("unreachable") from None
        try:
            async with asyncio.timeout(self._total):
                answer = await connection.exchange(_request(method, target, headers or {}, body))
        except TimeoutError:
            raise CallFailed("timeout", lost=True) from None
        except Broken:
            raise CallFailed("connection_lost", lost=True) from None
        self._keep(origin, connection)
        return answer

    async def close(self) -> None:
        for kept in self._idle.values():
            for connection, timer in kept.items():
                timer.cancel()
                connection.close()
        self._idle.clear()
        await asyncio.sleep(0)  # the loop closes what was just let go

    async def _connect(self, origin: Origin) -> Connection:
        """A new connection to a checked address. OSError, TimeoutError: nobody answers there."""
        scheme, host, port, allow = origin
        secure = scheme == "https"
        context, name = (self._certificates, host) if secure else (None, None)
        loop, failed = asyncio.get_running_loop(), OSError("no address")
        async with asyncio.timeout(CONNECT):
            addresses = await self._resolver(host, port)
            for address in check(addresses, _networks(allow), public=secure):
                try:
                    _, made = await loop.create_connection(
                        lambda: Connection(self._read), address, port, ssl=context, server_hostname=name
                    )
                except OSError as error:
                    failed = error
                else:
                    return made
        raise failed

    def _kept(self, origin: Origin) -> Connection | None:
        kept = self._idle.get(origin)
        while kept:
            connection, timer = kept.popitem()
            timer.cancel()
            if connection.usable:
                return connection
        return None

    def _keep(self, origin: Origin, connection: Connection) -> None:
        if connection.usable:
            timer = asyncio.get_running_loop().call_later(_IDLE, self._drop, origin, connection)
            self._idle[origin][connection] = timer

    def _drop(self, origin: Origin, connection: Connection) -> None:
        self._idle[origin].pop(connection, None)
        if not self._idle[origin]:
            del self._idle[origin]
        connection.close()

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _target(url: str) -> Target:
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
    path = quote(parts.path or "/", safe=_PATH)
    if parts.query:
        path += f"?{quote(parts.query, safe=_PATH + '?')}"
    named = f"[{host}]" if ":" in host else host
    usual = 443 if parts.scheme == "https" else 80
    return Target(parts.scheme, host, port or usual, path, named if port is None else f"{named}:{port}")


def _request(method: str, target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{method} {target.path} HTTP/1.1", f"host: {target.named}", "accept-encoding: identity"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method == "POST":
        lines.append(f"content-length: {len(body)}")
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header holds a line break")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@lru_cache(maxsize=256)
def _networks(allow: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(one) for one in allow)
