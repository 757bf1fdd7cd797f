"""Every answer has its headers and its figures; what breaks says nothing of its inside."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import Response, StreamingResponse

from services.kernel import logs
from services.kernel.access import public
from services.kernel.metrics import exposition
from tests.kernel.front import BROWSER, front

CANARY = "王小明 13912345678 江宁区秣陵街道将军大道8号"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure("debug", stream)
    yield stream
    logs.configure("warning")


def failing() -> APIRouter:
    router = APIRouter(dependencies=[Depends(public())])

    @router.get("/fail/{what}")
    async def fail(what: str) -> None:
        raise ValueError(CANARY)

    @router.get("/broken")
    async def broken() -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"begun"
            raise ValueError(CANARY)

        return StreamingResponse(pieces())

    return router


async def test_every_answer_carries_the_security_headers(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        for path in ("/", "/healthz", "/nowhere", "/static/style.css", "/api/cases/1", "/signin"):
            headers = (await f.client.get(path)).headers
            assert headers["content-security-policy"].startswith("default-src 'self';")
            assert "unsafe" not in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert len(headers["x-request-id"]) == 16
            assert (headers["cache-control"] == "no-store") != path.startswith("/static/style.css")


async def test_a_failure_is_told_by_its_incident_alone(tmp_path: Path, lines: io.StringIO) -> None:
    async with front(tmp_path, failing()) as f:
        answer = await f.client.get("/fail/139")
        page = await f.client.get("/fail/139", headers=BROWSER)
    incident = answer.json()["incident"]
    assert answer.status_code == page.status_code == 500
    assert answer.headers["x-request-id"] == answer.headers["x-incident"] == incident
    assert page.headers["x-incident"] in page.text
    entry = next(e for e in map(json.loads, lines.getvalue().splitlines()) if e.get("incident") == incident)
    assert (entry["event"], entry["error"]) == ("request.failed", "ValueError")
    assert entry["route"] == "/fail/{what}"
    assert any("test_frame.py" in place for place in entry["stack"])
    assert not [piece for piece in CANARY.split() if piece in lines.getvalue() + answer.text + page.text]


async def test_an_answer_that_breaks_off_is_logged_without_its_inside(
    tmp_path: Path, lines: io.StringIO
) -> None:
    async with front(tmp_path, failing()) as f:
        await f.client.get("/broken")
    assert '"error": "ValueError' in lines.getvalue()
    assert "王小明" not in lines.getvalue()


async def test_figures_and_lines_name_the_route_and_never_the_path(
    tmp_path: Path, lines: io.StringIO
) -> None:
    async with front(tmp_path, failing()) as f:
        await f.client.get("/api/cases/7391042", headers=await f.bearer("agent"))
        await f.client.get("/nowhere/7391042")
        await f.client.request("BREW7391042", "/api/tracking")
    text = exposition().decode()
    assert 'route="/api/cases/{case_id}",status="200"' in text
    assert 'method="OTHER",route="/api/tracking",status="405"' in text
    assert "7391042" not in text + lines.getvalue()


async def test_a_start_that_fails_is_logged_by_its_type(tmp_path: Path, lines: io.StringIO) -> None:
    @asynccontextmanager
    async def failing_start(_app: FastAPI) -> AsyncIterator[None]:
        raise ValueError(CANARY)
        yield

    async with front(tmp_path, lifespan=failing_start) as f:
        with pytest.raises(ValueError, match=CANARY):
            async with f.app.router.lifespan_context(f.app):
                pass
    assert '"event": "lifespan.failed"' in lines.getvalue()
    assert "王小明" not in lines.getvalue()


async def test_good_requests_are_quiet_at_the_usual_level(tmp_path: Path) -> None:
    stream = io.StringIO()
    logs.configure("info", stream)
    async with front(tmp_path) as f:
        await f.client.get("/healthz")
        await f.client.get("/nowhere")
    assert stream.getvalue() == ""
    logs.configure("warning")
