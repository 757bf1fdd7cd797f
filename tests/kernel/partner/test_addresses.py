"""Where a call may go: reliability.md, section 6."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest

from services.kernel.messages import CallFailed
from services.kernel.partner.addresses import Refused, check, is_public, resolve
from services.kernel.partner.client import PartnerHttp
from tests.kernel.partner.wire import response, says, wire

PRIVATE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1",  # noqa: S104
    "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "192.88.99.1", "::", "::1", "::7f00:1", "fe80::1", "fc00::1", "fec0::1", "ff02::1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::", "2001::1",
    "2001:db8::1", "3fff::1", "100::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "114.114.114.114", "2400:3200::1", "64:ff9b::808:808"]
SPELLINGS = [
    "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://017700000001/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://224.0.0.1/",
    "https://239.1.1.1/", "https://localhost/", "https://0.0.0.0/", "https://[::]/", "https://[::1]/",
    "https://[fe80::1%25lo]/",
]  # fmt: skip
MALFORMED = [
    "https://user:pass@example.com/", "https://example.com@127.0.0.1/", "https://@example.com/",
    "ftp://example.com/",
    "https://", "https:///path", "https://exa mple.com/", "https://example.com\\@127.0.0.1/",
    "//example.com/",
    "https://example.com:99999/", "file:///etc/passwd", "gopher://127.0.0.1:70/_",
    "https://example.com/\r\nX: y",
    "https://[::1/", "https://" + "a" * 70 + ".com/",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_not_everybody_has_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(Refused):
        check([address], [], public=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_taken(address: str) -> None:
    assert check([address], [], public=True) == [str(ip_address(address))]


def test_an_allowed_network_is_taken_also_in_its_mapped_spelling() -> None:
    assert check(["10.2.3.4", "::ffff:10.2.3.5"], [ip_network("10.2.0.0/16")], public=False) == [
        "10.2.3.4",
        "10.2.3.5",
    ]


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(Refused, match="address_refused"):
        check(["8.8.8.8", "127.0.0.1"], [], public=True)


def test_plain_http_goes_to_allowed_networks_only() -> None:
    with pytest.raises(Refused):
        check(["8.8.8.8"], [ip_network("10.0.0.0/8")], public=False)


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "localhost"])
async def test_every_spelling_of_loopback_resolves_to_what_is_checked(host: str) -> None:
    assert all(ip_address(one).is_loopback for one in await resolve(host, 80))


@pytest.mark.parametrize("url", SPELLINGS)
async def test_a_private_address_is_refused_in_every_spelling(url: str) -> None:
    http = PartnerHttp()
    with pytest.raises(CallFailed) as failed:
        await http.call("POST", url, body=b"{}")
    assert failed.value.reason in {"address_refused", "name_unknown", "address_malformed"}
    assert not failed.value.lost
    await http.close()


@pytest.mark.parametrize("url", MALFORMED)
async def test_an_address_that_is_not_plainly_one_is_refused(url: str) -> None:
    with pytest.raises(CallFailed) as failed:
        await PartnerHttp().call("POST", url, body=b"{}")
    assert (failed.value.reason, failed.value.permanent) == ("address_malformed", True)


async def test_a_name_that_points_inside_is_refused_before_anything_is_sent() -> None:
    async with wire(says(response())) as inside:

        async def rebound(_host: str, _port: int) -> Sequence[str]:
            return ["127.0.0.1"]

        http = PartnerHttp(rebound)
        with pytest.raises(CallFailed, match="address_refused"):
            await http.call("POST", f"https://rebind.example:{inside.port}/", body=b"{}")
        with pytest.raises(CallFailed, match="address_refused"):
            await http.call("POST", f"http://rebind.example:{inside.port}/", allow=["10.0.0.0/8"], body=b"{}")
        assert inside.connections == 0
        await http.close()


async def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    """A name that changes between two questions is asked once for each connection."""
    async with wire(says(response())) as allowed:
        answers = [["127.0.0.1"], ["10.255.255.1"]]

        async def changing(_host: str, _port: int) -> Sequence[str]:
            return answers.pop(0)

        http = PartnerHttp(changing)
        answer = await http.call(
            "POST", f"http://unit.example:{allowed.port}/x", allow=["127.0.0.0/8"], body=b"{}"
        )
        assert answer.status == 200
        assert f"host: unit.example:{allowed.port}".encode() in allowed.requests[0].lower()
        assert len(answers) == 1
        await http.close()


async def test_an_unknown_name_may_be_known_later() -> None:
    with pytest.raises(CallFailed) as failed:
        await PartnerHttp().call("POST", "https://nowhere.invalid/", body=b"{}")
    assert (failed.value.reason, failed.value.permanent) == ("name_unknown", False)
