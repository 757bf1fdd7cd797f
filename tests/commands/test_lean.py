"""A process loads what it serves: the other services, the command line and the simulators cost memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.commands.builders import BUILDERS

ROOT = Path(__file__).parents[2]
SERVED = """
import sys
from functools import partial
from services.commands import plainly, serve
from services.commands.installation import open_installation
from services.kernel.settings import Settings
from services.kernel.web import create_app

there = open_installation(Settings.read(data_dir=sys.argv[1]))
services = there.services([sys.argv[2]])
create_app(services, there.settings, there.access, there.around, known=tuple(serve.BUILDERS),
           every=partial(there.every, services))
print("\\n".join(sys.modules))
"""


def loaded(program: str, *arguments: str) -> set[str]:
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture(scope="module", params=BUILDERS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, set[str]]:
    """A service's name, and what a process that serves it has loaded when it could start."""
    name: str = request.param
    return name, loaded(SERVED, str(tmp_path_factory.mktemp("lean")), name)


def test_a_process_loads_no_service_but_its_own(served: tuple[str, set[str]]) -> None:
    name, modules = served
    assert {other for other in BUILDERS if f"services.{other}.service" in modules} == {name}


def test_a_process_that_serves_loads_no_command_line(served: tuple[str, set[str]]) -> None:
    _, modules = served
    assert not modules & {"typer", "services.cli", "services.simulators", "services.commands.demo", "alembic"}


def test_what_serves_on_files_loads_nothing_of_servers(served: tuple[str, set[str]]) -> None:
    _, modules = served
    assert not modules & {"asyncpg", "aiokafka"}
