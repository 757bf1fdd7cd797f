"""`yikou unit check`: plays the partner contract against a unit's test system, and prints what it keeps."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final, Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.commands.installation import NotPossible
from services.conformance.client import UnitClient
from services.conformance.ear import Ear, listening
from services.conformance.run import played
from services.conformance.session import Session
from services.conformance.tasks import new_task
from services.conformance.verdict import Verdict
from services.domain.city import City
from services.domain.names import Name
from services.domain.sealing import Keyring
from services.kernel.partner.client import PartnerHttp
from services.kernel.partners import Partners
from services.kernel.settings import Settings
from services.kernel.surroundings import real
from services.kernel.tasks.statuses import Statuses
from services.kernel.webhooks import sign

app = typer.Typer(no_args_is_help=True)
VARIABLE: Final = "YIKOU_UNIT_SECRET"
LOCAL: Final = ["127.0.0.0/8"]
SIGNS: Final = {True: Name("通过", "pass"), False: Name("未通过", "FAIL"), None: Name("未试", "not tried")}


@app.callback()
def group() -> None:
    """Units that have a system of their own."""


@app.command()
def check(
    target: Annotated[
        str, typer.Argument(metavar="URL|UNIT", help="Test system; or a unit of partners.json.")
    ],
    unit: Annotated[str, typer.Option(help="The unit that it is; else the last part of the URL.")] = "",
    secret_file: Annotated[
        Path | None, typer.Option(help=f"File with the unit's secret; or {VARIABLE}.")
    ] = None,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where it reports to; without it reports are not tried.")
    ] = "",
    tasks: Annotated[int, typer.Option(min=1, max=100_000, help="How many the load has.")] = 1000,
    patience: Annotated[float, typer.Option(min=1, help="Seconds that a report may take.")] = 30.0,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="NETWORK", help="Besides https on the internet; repeatable.")
    ] = None,
    language: Annotated[str, typer.Option("--lang", help="zh or en.")] = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each check.")] = False,
) -> None:
    """Play every check against a TEST system (it sends invented tasks); ends with 1 when one has failed."""
    found = Target.read(target, unit, secret_file, allow or LOCAL)

    async def run() -> list[Verdict]:
        verdicts = []
        async with _session(found, listen, tasks, patience) as session:
            async for verdict in played(session):
                verdicts.append(verdict)
                if as_json:
                    typer.echo(_line(verdict))
        return verdicts

    verdicts = asyncio.run(run())
    if not as_json:
        Console().print(_table(found, verdicts, language))
    raise typer.Exit(1 if any(verdict.passed is False for verdict in verdicts) else 0)


@dataclass(frozen=True)
class Target:
    """Where the test system is, and as which unit it is spoken to."""

    endpoint: str
    unit: str
    secrets: Sequence[str]
    allow: Sequence[str]

    @classmethod
    def read(cls, target: str, unit: str, secret_file: Path | None, allow: Sequence[str]) -> Self:
        """NotPossible: the unit is not known, or there is no secret to sign with."""
        settings = Settings.read()
        if "://" in target:
            endpoint, networks = target.rstrip("/"), tuple(allow)
            unit = unit or endpoint.rpartition("/")[2]
        else:
            partner, unit = Partners.load(settings.partners).of(target), target
            endpoint, networks = partner.endpoint or "", partner.allow
        if not endpoint:
            where = settings.partners
            raise NotPossible(f"{where} 里没有 {target} 的地址。/ {where} has no address of {target}.")
        return cls(endpoint, unit, _secrets(settings, unit, secret_file), networks)


@asynccontextmanager
async def _session(found: Target, listen: str, tasks: int, patience: float) -> AsyncIterator[Session]:
    around, http = real(), PartnerHttp()
    ear = Ear(found.unit, found.secrets, around, statuses=_statuses()) if listen else None
    host, _, port = listen.rpartition(":")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(http.close)
        try:
            if ear is not None:
                await stack.enter_async_context(listening(ear, host, int(port)))
        except (OSError, ValueError):
            raise NotPossible(f"无法在 {listen} 上监听。/ Cannot listen on {listen}.") from None
        client = UnitClient(http, found.endpoint, found.secrets, found.allow, around)
        yield Session(found.unit, client, around, ear, tasks, patience, new_task(found.unit, around))


def _statuses() -> Statuses:
    """The city's table of the units' own codes; empty where this machine has no city's folder."""
    city = Settings.read().city
    if not city.exists():
        return {}
    return {(one.unit, one.status): one for one in City.load(city).statuses}


def _secrets(settings: Settings, unit: str, file: Path | None) -> Sequence[str]:
    """The unit's, newest first: from the file, the environment, or the installation's key ring."""
    try:
        given = file.read_text("utf-8").strip() if file else os.environ.get(VARIABLE, "")
    except (OSError, UnicodeDecodeError) as error:
        why = type(error).__name__
        raise NotPossible(f"{file} 无法读取（{why}）。/ {file} cannot be read ({why}).") from None
    known = Keyring.load(settings.keyring).partner_secrets(unit) if settings.keyring.exists() else ()
    secrets = (given,) if given else known
    if not secrets:
        raise NotPossible(
            f"没有 {unit or '该单位'} 的密钥：--secret-file、{VARIABLE} 或密钥环。"
            f"/ No secret for {unit or 'the unit'}: give --secret-file, {VARIABLE}, or a key ring."
        )
    try:
        sign(secrets, "check", real().now(), b"")
    except ValueError:
        raise NotPossible("密钥应为 whsec_ 加 base64。/ A secret is whsec_ and base64.") from None
    return secrets


def _table(found: Target, verdicts: Sequence[Verdict], language: str) -> Table:
    def said(name: Name) -> str:
        return name.in_language(language)

    counts = Counter(verdict.passed for verdict in verdicts)
    summary = "  ".join(f"{said(SIGNS[passed])} {counts[passed]}" for passed in SIGNS if counts[passed])
    table = Table(
        title=f"{found.unit}  {found.endpoint}\n{summary}", title_justify="left", title_style="bold"
    )
    for heading in (Name("检查", "check"), Name("结果", "result"), Name("原因", "reason")):
        table.add_column(said(heading), overflow="fold")
    for verdict in _merged(verdicts):
        style = {True: "green", False: "bold red", None: "dim"}[verdict.passed]
        result = f"[{style}]{said(SIGNS[verdict.passed])}[/]"
        table.add_row(said(verdict.title), result, escape(said(verdict.why)))
    return table


def _merged(verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """Those that were not tried for one reason share a row."""
    for (passed, why), group in groupby(verdicts, lambda verdict: (verdict.passed, verdict.why)):
        first, *others = group
        if passed is None and others:
            more = len(others)
            title = Name(f"{first.title.zh}，及另外 {more} 项", f"{first.title.en}, and {more} others")
            yield Verdict(first.id, title, None, why)
        else:
            yield from (first, *others)


def _line(verdict: Verdict) -> str:
    return json.dumps(
        {
            "check": verdict.id, "title": verdict.title.en, "passed": verdict.passed, "why": verdict.why.en,
            "why_zh": verdict.why.zh, "seconds": round(verdict.seconds, 3),
        },
        ensure_ascii=False,
    )  # fmt: skip
