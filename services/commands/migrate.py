"""`yikou migrate`: every database of the installation to the newest version of its tables."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

import typer

from services.commands.builders import BUILDERS
from services.commands.installation import NotPossible
from services.employment_adapter.models import HISTORY as VISITS
from services.intake.models import HISTORY as INTAKE
from services.kernel.access_store import HISTORY as ACCESS
from services.kernel.database.errors import StoreUnusable
from services.kernel.database.migration import migrate
from services.kernel.database.schema import History
from services.kernel.service import KERNEL
from services.kernel.settings import Settings
from services.kernel.tasks.tables import HISTORY as TASKS
from services.notifier.models import HISTORY as NOTIFIER
from services.router.models import HISTORY as ROUTER

HISTORIES: Final = (KERNEL, TASKS, VISITS, ACCESS, INTAKE, ROUTER, NOTIFIER)
OWN: Final = {
    "intake": (INTAKE,),
    "router": (ROUTER,),
    "employment_adapter": (TASKS, VISITS),
    "notifier": (NOTIFIER,),
}


def databases() -> Iterator[tuple[str, tuple[History, ...]]]:
    """Every database of an installation, with what it holds."""
    for service in BUILDERS:
        yield service, (KERNEL, *OWN.get(service, (TASKS,)))
    yield "access", (ACCESS,)


async def migrate_all(settings: Settings) -> dict[str, Sequence[str]]:
    """What was done to each database; nothing where it was up to date. Raises StoreUnusable."""
    return {name: await migrate(settings.store_url(name), histories) for name, histories in databases()}


def command() -> None:
    """Make the databases that are missing, and bring their tables to the newest version.

    Two at once wait for each other. The services must not run meanwhile when tables change.
    """
    try:
        for name, done in asyncio.run(migrate_all(Settings.read())).items():
            typer.echo(f"{name}: {', '.join(done) if done else '已是最新 / up to date'}")
    except StoreUnusable as error:
        raise NotPossible(str(error)) from None
