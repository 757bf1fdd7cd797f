"""`yikou vacancy import FILE`: the city's list of vacancies, with a report of the lines that are none."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from services.commands.installation import NotPossible
from services.domain.city import City
from services.employment_adapter.models import HISTORY as VISITS
from services.employment_adapter.models import Vacancy
from services.employment_adapter.service import NAME
from services.employment_adapter.vacancies import placed, replace_all
from services.employment_adapter.vacancy_list import Rejected, Unreadable, read_list
from services.kernel.service import KERNEL
from services.kernel.settings import Settings
from services.kernel.store import Store
from services.kernel.surroundings import real
from services.kernel.tasks.tables import HISTORY as TASKS

app = typer.Typer(no_args_is_help=True)
FILE: Final = "vacancies.csv"  # in a city's folder: its sample
MOST: Final = 64 << 20  # bytes


@app.callback()
def _group() -> None:
    """So that `import` stays a word of its own."""


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030) or JSON.")],
    check: Annotated[bool, typer.Option("--check", help="Only report, change nothing.")] = False,
) -> None:
    """Replace the list of vacancies by this one; lines that are no vacancy are reported and left out.

    Where more lines are rejected than taken, nothing is changed: it is probably another file.
    """
    settings = Settings.read()
    rows, rejected = read(file, City.load(settings.city))
    for one in rejected:
        typer.echo(one)
    said = f"合格 {len(rows)} 行，拒收 {len(rejected)} 行 / {len(rows)} taken, {len(rejected)} rejected"
    if len(rejected) >= len(rows):
        raise NotPossible(f"{said}；没有导入。/ Nothing was imported.")
    if not check:
        asyncio.run(put(settings, rows))
    typer.echo(f"{said}{'；只检查，没有导入。/ Checked only.' if check else '。'}")


def read(file: Path, city: City) -> tuple[Sequence[Vacancy], Sequence[Rejected]]:
    """The vacancies, and the lines that are none. NotPossible: the file is no list."""
    try:
        if file.stat().st_size > MOST:
            raise NotPossible(f"{file}: 文件超过 64 MB。/ The file has more than 64 MB.")
        found = [placed(line, city) for line in read_list(file.read_bytes())]
    except OSError as error:
        raise NotPossible(f"{file}: {error.strerror}") from None
    except Unreadable as reason:
        raise NotPossible(f"{file}: {reason}") from None
    return (
        [one for one in found if isinstance(one, Vacancy)],
        [one for one in found if isinstance(one, Rejected)],
    )


async def put(settings: Settings, rows: Sequence[Vacancy]) -> None:
    """Replace the list, beside the running service. Raises StoreUnusable."""
    store = Store(settings.store_url(NAME), NAME, (KERNEL, TASKS, VISITS), real())
    await store.start(visiting=True)
    try:
        await store.run(lambda tx: replace_all(tx, rows))
    finally:
        await store.close()
