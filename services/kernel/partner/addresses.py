"""Which network addresses we may connect to: public ones, and those that an installation allows by name.

A partner's address is text that somebody typed, and a name resolves to whatever its owner likes. What counts
is the address that is connected to, in whatever spelling it hides a private one.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

_NAT64: Final = ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_UNICAST: Final = ip_network("2000::/3")  # the only IPv6 space that is given out to anybody
_NEVER: Final = (
    ip_network("2002::/16"),  # 6to4, given up (RFC 7526): an IPv4 address of anybody's choice
    ip_network("3fff::/20"),  # for documents (RFC 9637)
    ip_network("192.88.99.0/24"),  # the relays of 6to4
)


class Refused(ValueError):
    """The address is neither public nor allowed. `reason` is a code and never repeats the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_public(address: Address) -> bool:
    """Whether anybody on the internet can be reached there: nothing private, shared, local or multicast."""
    if isinstance(address, IPv6Address) and address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    if any(address.version == net.version and address in net for net in _NEVER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def check(addresses: Sequence[str], allow: Sequence[Network], *, public: bool) -> list[str]:
    """The addresses, if every one is in `allow` or, with `public`, on the internet; else Refused.

    All are checked, not one: a name with a public and a private address is a trap.
    """
    if not addresses:
        raise Refused("name_unknown")
    found = [_parsed(text) for text in addresses]
    if not all(_allowed(one, allow) or (public and is_public(one)) for one in found):
        raise Refused("address_refused")
    return [str(one) for one in found]


async def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as the machine's resolver gives them; a literal address is its own."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _parsed(text: str) -> Address:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        raise Refused("address_refused") from None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _allowed(address: Address, allow: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in allow)
