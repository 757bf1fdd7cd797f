"""`yikou secrets create FOLDER`: what the processes of one installation share, each in a file of its own."""

import os
import secrets
from pathlib import Path
from typing import Annotated, Final

import typer

from services.commands.installation import NotPossible, create_keyring

app = typer.Typer(no_args_is_help=True)
USER: Final = "yikou"


@app.callback()
def group() -> None:
    """The secrets of an installation of several processes, as files."""


@app.command()
def create(
    folder: Annotated[Path, typer.Argument(help="Where to write them; what is there stays as it is.")],
    postgres: Annotated[str, typer.Option(help="host:port of the database.")] = "postgres:5432",
) -> None:
    """Write keyring.json, postgres_password and store_url (for YIKOU_STORE_URL_FILE), for this user alone."""
    keyring, password = folder / "keyring.json", secrets.token_hex(24)
    pair = {
        folder / "postgres_password": password,
        folder / "store_url": f"postgresql://{USER}:{password}@{postgres}/yikou_{{service}}",
    }
    there = {path.name for path in pair if path.exists()}
    if len(there) == 1:
        raise NotPossible(
            f"{folder} 里只有 {min(there)}；postgres_password 和 store_url 口令相同，请都补上或都删去。"
            f"/ {folder} holds only {min(there)}; postgres_password and store_url share one password: "
            "give both or delete both."
        )
    made = not there or not keyring.exists()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not there:
            for path, text in pair.items():
                _write(path, text)
        if not keyring.exists():
            create_keyring(keyring)
    except OSError as error:
        raise NotPossible(
            f"无法写入 {folder}（{error.strerror}）。/ Cannot write to {folder} ({error.strerror})."
        ) from None
    typer.echo("已写好。/ They were written." if made else "都已有。/ They were there.")


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
