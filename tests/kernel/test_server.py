"""Behind a proxy a request has its sender's address, if the proxy is one that we believe."""

from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, Depends, Request

from services.kernel.access import public
from services.kernel.server import server
from services.kernel.settings import Settings
from tests.kernel.front import HERE, front

router = APIRouter()


@router.get("/api/address", dependencies=[Depends(public())])
async def address(request: Request) -> dict[str, str]:
    return {"address": request.client.host if request.client else ""}


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "seen"),
    [
        ("", "127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.7", "203.0.113.9", "203.0.113.7"),
        ("172.30.12.0/24", "172.30.12.3", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("172.30.12.0/24", "172.30.13.3", "203.0.113.9", "172.30.13.3"),
        ("172.30.12.0/24", "127.0.0.1", "203.0.113.9", "127.0.0.1"),
    ],
)
async def test_only_a_trusted_proxy_says_where_a_request_comes_from(
    tmp_path: Path, proxies: str, peer: str, forwarded: str, seen: str
) -> None:
    given = {"trusted_proxies": proxies} if proxies else {}
    settings = Settings.read(data_dir=tmp_path, public_url=HERE, **given)
    async with front(tmp_path, router) as f:
        config = server(f.app, settings).config
        config.load()
        transport = httpx.ASGITransport(config.loaded_app, client=(peer, 40000))
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
            answer = await http.get("/api/address", headers={"x-forwarded-for": forwarded})
    assert answer.json() == {"address": seen}
