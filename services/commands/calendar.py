"""`yikou calendar show YEAR | update FILE`: the work calendar of this installation, year by year."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.commands.calendar_file import read_years, write_year
from services.domain.city import City
from services.domain.city_files import CityError
from services.domain.entry import Problem
from services.domain.published_years import PublishedYear, published
from services.domain.work_calendar import WorkCalendar
from services.kernel.settings import Settings

app = typer.Typer(no_args_is_help=True)
_WEEKDAYS = "一二三四五六日"


@app.command()
def show(year: Annotated[int, typer.Argument(help="For example 2026.", min=1, max=9998)]) -> None:
    """Print the days off and the make-up workdays of a year, and whether they are published."""
    settings = Settings.read()
    city = City.load(settings.city, settings.calendar)
    notice = next((one for one in city.years if one.year == year), None)
    count = workdays(city.calendar, year)
    table = Table("日期 date", "星期 weekday", "安排 arrangement")
    for day, said in exceptions(city, year):
        table.add_row(day.isoformat(), f"周{_WEEKDAYS[day.weekday()]} {day:%a}", said)
    console = Console()
    console.print(table)
    if notice is None:
        typer.echo(f"{year} 年：尚未公布，以上为估算，暂定。/ {year}: not published; estimated, provisional.")
    else:
        typer.echo(f"{year} 年：已公布。/ {year}: published. {notice.notice}")
    typer.echo(f"工作日 {count} 天。/ {count} working days.")


@app.command()
def update(
    file: Annotated[Path, typer.Argument(help="TOML as published_years.toml, or JSON with one entry a day.")],
    extra: Annotated[
        int | None, typer.Option(help="Weekdays off beyond the statutory ones, by a special notice.")
    ] = None,
) -> None:
    """Check the years of FILE and keep them for this installation; every mistake is named at once."""
    folder = Settings.read().calendar
    known = _known(folder)
    for year in read_years(file, known, extra):
        path = write_year(folder, year)
        typer.echo(f"{year.year} 年：已写入 {path}。/ {year.year}: written to {path}.")
    typer.echo(standing(_known(folder)))
    typer.echo("服务重新启动后按新日历计算期限。/ Services count by it once they are started again.")


def standing(years: tuple[PublishedYear, ...]) -> str:
    """Which years are published, and from when on everything is provisional."""
    first, last = years[0].year, years[-1].year
    return (
        f"{first}—{last} 年已公布，{last + 1} 年起暂定。/ "
        f"{first} to {last} are published, {last + 1} and later provisional."
    )


def workdays(calendar: WorkCalendar, year: int) -> int:
    """How many working days a year has. Refusal `outside-calendar` for one that is not laid out."""
    return sum(calendar.is_workday(day) for day in _days(year))


def exceptions(city: City, year: int) -> Iterator[tuple[date, str]]:
    """The days of a year that are not what their weekday says, or that a notice or the city speaks of."""
    names = {day: rest.zh for one in city.years for rest in one.rest for day in rest.days()}
    own = {one.day: one.zh for one in (*city.hours.closed, *city.hours.open)}
    for day in _days(year):
        worked, provisional = city.calendar.day(day)
        if worked != (day.weekday() < 5) or day in names or day in own:
            said = "上班 worked" if worked else "放假 off"
            name = own.get(day) or (names.get(day, "") if not worked else "调休")
            yield (
                day,
                " ".join(part for part in (said, name, "暂定 provisional" if provisional else "") if part),
            )


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _known(folder: Path) -> tuple[PublishedYear, ...]:
    found: list[Problem] = []
    years = published(folder, found)
    if found:
        raise CityError(folder, found)
    return years
