"""Split over processes it is still one system: each of them knows what all of them offer."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.commands.installation import BUILDERS, Installation, open_installation
from services.kernel.access_store import AccessStore
from services.kernel.cell import Cell
from services.kernel.eventlog_sqlite import SqliteEventLog
from services.kernel.settings import Settings
from services.kernel.tokens import create_token
from services.kernel.web import create_app
from tests.kernel.front import BROWSER

HERE = "http://12333.test"


def application(installation: Installation, *names: str) -> FastAPI:
    services = installation.services(names)
    return create_app(
        services, installation.settings, installation.access, installation.around,
        known=installation.known(services),
    )  # fmt: skip


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return open_installation(Settings.read(data_dir=tmp_path, public_url=HERE))


@pytest.fixture(params=BUILDERS)
def alone(request: pytest.FixtureRequest, installation: Installation) -> FastAPI:
    """A process that runs one of the services."""
    return application(installation, request.param)


def test_every_process_shows_the_whole_navigation(alone: FastAPI, installation: Installation) -> None:
    whole = application(installation, *BUILDERS).state.pages
    assert alone.state.pages.nav == whole.nav
    assert alone.state.pages.searches == whole.searches
    assert len({item.path for item in whole.nav}) == len(whole.nav) > 8


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
        known=installation.known(services),
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
