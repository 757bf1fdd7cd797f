"""`yikou parked list | replay | skip`: an order, carried out by the running server within a second."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import inspect
from sqlmodel import Session, col, select

from services.commands.builders import BUILDERS
from services.commands.installation import NotPossible
from services.kernel.database.engines import open_engine
from services.kernel.parked import Parked, order
from services.kernel.service import KERNEL
from services.kernel.settings import Settings
from services.kernel.store import Store
from services.kernel.surroundings import real
from services.kernel.tx import Tx

app = typer.Typer(no_args_is_help=True)
T = TypeVar("T")
Service = Annotated[str, typer.Argument(help="Name of the service that parked it.")]
Number = Annotated[int, typer.Argument(help="The message's number in `parked list`.")]


@app.command("list")
def show() -> None:
    """Every parked message of every service: number, case, type, why, since when."""
    table = Table("service", "no.", "case", "type", "why", "state", "tries", "error", "since (UTC)")
    for service in BUILDERS:
        for row in _parked(service):
            table.add_row(
                service, str(row.id), str(row.case_id), row.type, row.why, row.state, str(row.attempts),
                row.error or "", row.parked_at.isoformat(timespec="seconds"),
            )  # fmt: skip
    Console().print(table if table.row_count else "没有挂起的消息。/ Nothing is parked.")


@app.command()
def replay(service: Service, number: Number) -> None:
    """Try a parked message again now, and then the later ones of its case."""
    _order(service, number, "replay", "")


@app.command()
def skip(service: Service, number: Number, reason: Annotated[str, typer.Option(prompt=True)]) -> None:
    """Pass over a parked message for good; who and why is kept."""
    _order(service, number, "skip", reason)


def _order(service: str, number: int, decision: str, reason: str) -> None:
    if not _write(service, lambda tx: order(tx, number, decision, "command line", reason)):
        raise NotPossible(f"{service} 没有第 {number} 条。/ {service} has no parked message {number}.")
    typer.echo("已下达，服务会在一秒内执行。/ Ordered; the running service carries it out within a second.")


def _parked(service: str) -> Iterator[Parked]:
    engine = open_engine(_url(service), writes=False)
    with Session(engine) as session:
        if inspect(engine).has_table("parked"):  # a store that was never opened has no tables yet
            yield from session.scalars(select(Parked).order_by(col(Parked.id)))
    engine.dispose()


def _write(service: str, work: Callable[[Tx], T]) -> T:
    async def once() -> T:
        store = Store(_url(service), service, (KERNEL,), real())
        await store.start(visiting=True)
        try:
            return await store.run(work)
        finally:
            await store.close()

    return asyncio.run(once())


def _url(service: str) -> str:
    if service not in BUILDERS:
        raise NotPossible(f"没有这个服务：{service}。/ Unknown service {service}.")
    return Settings.read().store_url(service)
