"""Split over processes it is still one system: each of them knows what all of them offer."""

from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from services.commands.builders import BUILDERS
from services.commands.installation import Installation, open_installation
from services.kernel.access import marker_of
from services.kernel.access_store import AccessStore
from services.kernel.cell import Cell
from services.kernel.eventlog_sqlite import SqliteEventLog
from services.kernel.navigation import Navigation
from services.kernel.settings import Settings
from services.kernel.tokens import create_token
from services.kernel.web import create_app
from tests.kernel.front import BROWSER

HERE = "http://12333.test"


def application(installation: Installation, *names: str) -> FastAPI:
    services = installation.services(names)
    return create_app(
        services, installation.settings, installation.access, installation.around,
        known=tuple(BUILDERS), every=partial(installation.every, services),
    )  # fmt: skip


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return open_installation(Settings.read(data_dir=tmp_path, public_url=HERE))


@pytest.fixture(params=BUILDERS)
def alone(request: pytest.FixtureRequest, installation: Installation) -> FastAPI:
    """A process that runs one of the services."""
    return application(installation, request.param)


def test_every_process_shows_the_whole_navigation(alone: FastAPI, installation: Installation) -> None:
    whole = application(installation, *BUILDERS).state.pages.navigation
    assert alone.state.pages.navigation == whole
    assert len({item.path for item in whole.pages}) == len(whole.pages) > 8


def test_every_entry_of_the_navigation_leads_to_a_page_for_the_same_people(
    installation: Installation,
) -> None:
    app = application(installation, *BUILDERS)
    routes = list(iter_route_contexts(app.router.routes))
    may = {
        (method, route.path): getattr(marker_of(route), "permission", None)
        for route in routes
        if isinstance(route.original_route, APIRoute)
        for method in route.methods or ()
    }
    navigation: Navigation = app.state.pages.navigation
    led = {("GET", item.path): item.permission for item in navigation.pages}
    led |= {("POST", item.path): item.permission for item in navigation.searches}
    assert {entry: may.get(entry, "nowhere") for entry in led} == led


def test_every_process_describes_the_whole_interface(alone: FastAPI, installation: Installation) -> None:
    assert alone.state.describe() == application(installation, *BUILDERS).state.describe()


def test_every_process_explains_every_problem(alone: FastAPI, installation: Installation) -> None:
    assert alone.state.pages.kinds == application(installation, *BUILDERS).state.pages.kinds


async def test_the_operators_page_says_where_the_other_services_are(
    tmp_path: Path, installation: Installation
) -> None:
    services, log = installation.services(["router"]), SqliteEventLog(tmp_path / "log.db")
    app = create_app(
        services, installation.settings, installation.access, installation.around,
        known=tuple(BUILDERS),
    )  # fmt: skip
    app.state.cells = [Cell(services[0], log)]
    store = AccessStore(installation.settings.store_url("access"))
    await store.start()
    await services[0].store.start()
    await log.start()
    token = await create_token(store, "watch", "operator", installation.around.now())
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HERE, headers=headers) as http:
        page = (await http.get("/operations", headers=BROWSER)).text
        whole = await http.get("/api/operations")
        part = await http.get("/operations/router", headers=BROWSER | {"x-fragment": "1"})
        missing = await http.get("/operations/intake", headers=BROWSER)
    assert 'data-src="/operations/intake"' in page
    assert 'data-src="/operations/router"' not in page
    assert [one["name"] for one in whole.json()] == ["router"]
    assert whole.headers["link"].startswith('</api/operations/intake>; rel="item", ')
    assert "<h2>router " in part.text
    assert "<html" not in part.text
    assert missing.status_code == 404
    await services[0].store.close()
    await log.close()
    await store.close()
    await installation.access_store.close()
