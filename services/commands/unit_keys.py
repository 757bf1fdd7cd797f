"""`yikou unit key new | retire | list`: the secret shared with a unit's system, changed without a gap.

While two are there we sign with both and take reports signed with either, so that each side changes at its
own time: new here, restart; the unit changes over; retire here, restart.
"""

import secrets
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from services.commands.installation import NotPossible
from services.domain.city import City
from services.domain.sealing import Keyring
from services.kernel.settings import Settings
from services.kernel.webhooks import new_secret, sign

app = typer.Typer(no_args_is_help=True)
MOST: Final = 2
RESTART: Final = "重启该适配器后生效。/ In force once its adapter is restarted."
UnitId = Annotated[str, typer.Argument(metavar="UNIT", help="The unit's id, as in the city's units.toml.")]


@app.callback()
def group() -> None:
    """The secrets that calls to and from a unit's system are signed with."""


@app.command()
def new(
    unit: UnitId,
    given: Annotated[
        bool, typer.Option("--stdin", help="Take a secret that the unit made, from stdin.")
    ] = False,
) -> None:
    """Add a secret and print it, once. The one before stays good until it is retired."""
    settings, ring = _opened(unit)
    known = ring.partner_secrets(unit)
    if len(known) >= MOST:
        raise NotPossible(
            f"{unit} 已有两个密钥，请先 yikou unit key retire {unit}。"
            f"/ {unit} has two secrets: first yikou unit key retire {unit}."
        )
    secret = (
        _checked(typer.get_text_stream("stdin").read().strip()) if given else new_secret(secrets.token_bytes)
    )
    if secret in known:
        raise NotPossible("这个密钥已经在用。/ This secret is in use already.")
    ring.with_partner_secret(unit, secret).dump(settings.keyring)
    typer.echo(_mark(secret) if given else secret)
    typer.echo(RESTART, err=True)


@app.command()
def retire(unit: UnitId) -> None:
    """Forget the older of two secrets: the unit signs with the new one by now."""
    settings, ring = _opened(unit)
    known = ring.partner_secrets(unit)
    if len(known) < MOST:
        raise NotPossible(
            f"{unit} 没有旧密钥可停用；要换新的，请先 yikou unit key new {unit}。"
            f"/ {unit} has no older secret to retire: first yikou unit key new {unit}."
        )
    ring.with_partner_secrets(unit, known[:1]).dump(settings.keyring)
    typer.echo(f"已停用 / retired {', '.join(map(_mark, known[1:]))}")
    typer.echo(RESTART, err=True)


@app.command("list")
def show() -> None:
    """Every unit with a secret, and the secrets' fingerprints, newest first; never the secrets."""
    ring = Keyring.load(Settings.read().keyring)
    table = Table("单位 unit", "密钥指纹 fingerprints")
    for unit in sorted(ring.partners):
        if keys := ring.partner_secrets(unit):
            table.add_row(unit, "  ".join(map(_mark, keys)))
    Console().print(table if table.row_count else "没有单位有密钥。/ No unit has a secret.")


def _opened(unit: str) -> tuple[Settings, Keyring]:
    settings = Settings.read()
    if unit not in City.load(settings.city, settings.calendar).roster.by_id:
        raise NotPossible(f"没有这个单位：{unit}。/ There is no unit {unit}.")
    return settings, Keyring.load(settings.keyring)


def _checked(secret: str) -> str:
    try:
        sign(secret, "check", datetime.fromtimestamp(0, UTC), b"")
    except ValueError:
        raise NotPossible("密钥应为 whsec_ 加 base64。/ A secret is whsec_ and base64.") from None
    return secret


def _mark(secret: str) -> str:
    """Enough to tell two secrets apart on the telephone, nothing to guess one from."""
    return sha256(secret.encode()).hexdigest()[:8]
