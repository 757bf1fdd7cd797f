"""https: the certificate must name the partner, whatever address was connected to."""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.kernel.messages import CallFailed
from services.kernel.partner.client import PartnerHttp
from tests.kernel.partner.wire import response

ALLOW = ["127.0.0.0/8"]


def certificate(folder: Path, name: str) -> Path:
    """A certificate for `name` with its key, in one file; it vouches for itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 7, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "cert.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


async def test_the_certificate_must_name_the_partner_whatever_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path, "unit.example")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    server = await asyncio.start_server(answer_once, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]

    async def here(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    trusting = PartnerHttp(here)
    answer = await trusting.call("POST", f"https://unit.example:{port}/", allow=ALLOW, body=b"{}")
    assert answer.status == 200
    with pytest.raises(CallFailed, match="certificate_refused") as failed:
        await trusting.call("POST", f"https://other.example:{port}/", allow=ALLOW, body=b"{}")
    assert not failed.value.lost
    monkeypatch.delenv("SSL_CERT_FILE")
    careful = PartnerHttp(here)
    with pytest.raises(CallFailed, match="certificate_refused"):
        await careful.call("POST", f"https://unit.example:{port}/", allow=ALLOW, body=b"{}")
    for http in (trusting, careful):
        await http.close()
    server.close()


async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(response())
        await writer.drain()
        await reader.read()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
