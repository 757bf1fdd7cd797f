"""The proxy finds the process of every route: a new route that it would not find fails here."""

import re
from pathlib import Path

import pytest
from fastapi import APIRouter

from services.commands.builders import BUILDERS
from services.commands.installation import open_installation
from services.kernel.settings import Settings
from services.kernel.web import KERNEL_ROUTES
from tests.conftest import MissingPart
from tests.deploy.proxied import proxied
from tools.scaled.proxy import nginx

BROWSER = {"accept": "text/html,*/*;q=0.8"}
PER_SERVICE = re.compile(r"/(api/)?operations/\{service\}")
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture(autouse=True)
def real_nginx(missing_part: MissingPart) -> None:
    if nginx() is None:
        missing_part("nginx", "no nginx on the PATH or in /usr/sbin")


def paths(routers: tuple[APIRouter, ...]) -> set[str]:
    found = {str(getattr(route, "path", "")) for router in routers for route in router.routes}
    return found - {""}  # a router within a router has its routes beside it


def example(path: str) -> str:
    """The path with something in the place of each parameter."""
    return re.sub(r"\{\w+\}", "0197-abc", path)


async def test_every_route_of_every_service_is_found(tmp_path: Path, free_port: int) -> None:
    installation = open_installation(Settings.read(data_dir=tmp_path))
    wanted = {path: s.name for s in installation.services(BUILDERS) for path in paths(s.routes)}
    async with proxied(tmp_path / "proxy", free_port) as http:
        found = {path: (await http.post(example(path))).json()["service"] for path in wanted}
    assert found == wanted
    await installation.access_store.close()


async def test_what_every_process_has_is_answered_by_the_first(tmp_path: Path, free_port: int) -> None:
    shared = {path for path in paths(KERNEL_ROUTES) if not PER_SERVICE.match(path)} - {"/metrics"}
    assert {"/", "/signin", "/operations", "/api/openapi.json"} < shared
    async with proxied(tmp_path / "proxy", free_port) as http:
        for path in shared | {"/static/desk.js", "/favicon.ico"}:
            assert (await http.get(example(path))).json()["service"] == "intake", path
        own_figures = await http.get("/metrics")
    assert own_figures.status_code == 404
    assert "Each process" in own_figures.text


async def test_an_operators_order_reaches_the_service_that_it_names(tmp_path: Path, free_port: int) -> None:
    per_service = {path for path in paths(KERNEL_ROUTES) if PER_SERVICE.match(path)}
    assert len(per_service) > 6
    async with proxied(tmp_path / "proxy", free_port) as http:
        for service in BUILDERS:
            for path in per_service:
                asked = example(path.replace("{service}", service))
                assert (await http.post(asked)).json()["service"] == service, asked


async def test_replicas_take_turns(tmp_path: Path, free_port: int) -> None:
    async with proxied(tmp_path / "proxy", free_port, twice=["router"]) as http:
        numbers = [(await http.get("/routing")).json()["number"] for _ in range(4)]
    assert sorted(numbers) == [0, 0, 1, 1]


async def test_the_services_learn_where_a_request_comes_from(tmp_path: Path, free_port: int) -> None:
    async with proxied(tmp_path / "proxy", free_port) as http:
        said = (await http.get("/track", headers={"x-forwarded-for": "203.0.113.9"})).json()["headers"]
    assert said["x-forwarded-for"] == "127.0.0.1"
    assert said["x-forwarded-proto"] == "http"
    assert said["host"] == f"127.0.0.1:{free_port}"


async def test_a_service_that_is_away_is_said_in_the_readers_way(tmp_path: Path, free_port: int) -> None:
    async with proxied(tmp_path / "proxy", free_port, away=["router", "intake"]) as http:
        problem = await http.get("/api/routing/held", headers=BROWSER)
        page = await http.get("/routing", headers=BROWSER)
        other, home = await http.get("/inspection"), await http.get("/")
        large = await http.post("/api/callbacks", content=b"x" * 200_000)
    assert problem.status_code == page.status_code == 503
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["type"] == "/problems/busy"
    assert problem.json()["retryable"]
    assert problem.headers["retry-after"] == "5"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "系统正在恢复" in page.text
    assert other.json()["service"] == "inspection_adapter"
    assert home.json()["service"] in set(BUILDERS) - {"router", "intake"}
    assert large.status_code == 413
    assert "too large" in large.text


def test_the_containers_have_the_same_upstreams() -> None:
    text = (DEPLOY / "proxy" / "upstreams.conf").read_text()
    for service in BUILDERS:
        assert re.search(rf"^upstream {service} +{{.* server {service}:8080 resolve;", text, re.MULTILINE)
    site = text.split("upstream site {")[1]
    assert re.findall(r"server (\w+):8080 resolve( backup)?;", site) == [
        (service, " backup" if number else "") for number, service in enumerate(BUILDERS)
    ]
