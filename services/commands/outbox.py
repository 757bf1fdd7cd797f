"""`yikou outbox republish`: what the log lost is appended to it once more."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

import typer

from services.commands.installation import NotPossible
from services.commands.republishing import EVER, Tally, Wish, republish, stores_of
from services.kernel.database.errors import Passing
from services.kernel.eventlog import LogUnavailable
from services.kernel.eventlog_url import open_log
from services.kernel.settings import Settings

app = typer.Typer(no_args_is_help=True)
RATE: Final = 500.0  # records a second: a fraction of what a log takes, so that new cases go in between


@app.callback()
def group() -> None:
    """Events that the services keep to fill a lost log again."""


@app.command("republish")
def command(
    everything: Annotated[bool, typer.Option("--all", help="Also what every service has heard.")] = False,
    since: Annotated[
        datetime | None, typer.Option(help="All events since then, in UTC: 2026-09-30T15:00:00.")
    ] = None,
    case: Annotated[UUID | None, typer.Option(help="All events of this case.")] = None,
    rate: Annotated[float, typer.Option(min=1, help="Records a second.")] = RATE,
) -> None:
    """Append the events that some service has not heard to the event log again.

    Safe to repeat, and while the services run: each of them drops what it has heard. Done when it says 0.
    """
    wish = Wish(
        everything or since is not None or case is not None,
        EVER if since is None else since.replace(tzinfo=UTC),
        case,
    )
    try:
        tally = asyncio.run(_republish(Settings.read(), wish, rate))
    except (LogUnavailable, Passing) as error:
        raise NotPossible(
            f"没有做完，请稍后重新运行：{error}。/ Not finished, run it again later: {error}."
        ) from None
    typer.echo(
        f"已重新发布 {tally.records} 条事件（{tally.cases} 件）。"
        f"/ {tally.records} events of {tally.cases} cases were published again."
    )
    if tally.lost:
        raise NotPossible(lost(tally))


def lost(tally: Tally) -> str:
    return (
        f"有 {tally.lost} 条事件尚未被所有服务处理，但已超过保存期，无法补发；"
        "相关事项的后续消息会挂起，请用 yikou parked list 查看。"
        f"/ {tally.lost} events that some service has not heard are no longer kept and cannot be published: "
        "later messages of their cases will be parked, see yikou parked list."
    )


async def _republish(settings: Settings, wish: Wish, rate: float) -> Tally:
    log = await open_log(settings.log_url)
    try:
        async with stores_of(settings) as stores:
            return await republish(stores, log, wish, rate)
    finally:
        await log.close()
