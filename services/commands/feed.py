"""`yikou feed FILE.jsonl`: the command around feed_run, with a progress bar and a closing table."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from services.commands.feed_lines import FeedError, FeedFile, check
from services.commands.feed_run import Pace, feed
from services.commands.feed_table import progress_bar, table
from services.commands.feed_tally import Report
from services.domain.city import City

NANJING = Path("deploy/cities/nanjing")


def command(
    file: Annotated[
        Path, typer.Argument(help='JSON lines: {"id", "subject", "body"}, or as POST /api/cases.')
    ],
    rate: Annotated[float, typer.Option(min=0, help="Cases per second; 0: as fast as answers come.")] = 10.0,
    url: Annotated[str, typer.Option(help="Where Yikou listens.")] = "http://127.0.0.1:8080",
    token: Annotated[str, typer.Option(envvar="YIKOU_TOKEN", help="Made by `yikou token create`.")] = "",
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Posts on the way together.")] = 16,
    decide: Annotated[bool, typer.Option("--decide", help="Decide held cases as the supervisor.")] = False,
    districts: Annotated[str, typer.Option(help="Six-digit codes with commas; default: the city's.")] = "",
    city: Annotated[Path, typer.Option(envvar="YIKOU_CITY", help="The city's folder.")] = NANJING,
    patience: Annotated[float, typer.Option(min=1, help="End after so many quiet seconds.")] = 30.0,
) -> None:
    """Post the cases of FILE, follow each until the caller was told, and print how it went."""
    console = Console()
    try:
        home, found = City.load(city), check(file)
        chosen = districts_of(home, districts)
        centres = centres_of(home) if decide else None
        pace = Pace(rate, concurrency, patience)
        report = asyncio.run(_run(found, chosen, pace, centres, url, token, console))
    except (FeedError, ValueError) as error:
        console.print(f"feed: {error}", style="red", markup=False, highlight=False)
        raise typer.Exit(1) from None
    console.print(table(report))
    raise typer.Exit(0 if report.accepted else 1)


def districts_of(city: City, wanted: str) -> tuple[str, ...]:
    """The codes in `wanted` (comma separated), all of the city's if empty; FeedError for another's."""
    known = tuple(district.code for district in city.districts)
    chosen = tuple(code.strip() for code in wanted.split(",") if code.strip()) or known
    if foreign := sorted(set(chosen) - set(known)):
        raise FeedError(f"{city.name} has no district {', '.join(foreign)}")
    return chosen


def centres_of(city: City) -> dict[str, str]:
    """District code to the employment centre that takes its cases."""
    found = {district.code: city.unit_for("employment", district.code) for district in city.districts}
    return {code: unit.id for code, unit in found.items() if unit is not None}


async def _run(
    found: FeedFile,
    districts: Sequence[str],
    pace: Pace,
    centres: Mapping[str, str] | None,
    url: str,
    token: str,
    console: Console,
) -> Report:
    limits = httpx.Limits(
        max_connections=pace.concurrency + 2, max_keepalive_connections=pace.concurrency + 2
    )
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=30, limits=limits, trust_env=False
    ) as http:
        with progress_bar(found.cases, console) as watch:
            return await feed(http, found.read(districts), pace, centres=centres, watch=watch)
