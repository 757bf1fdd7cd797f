"""The demo's accounts: made at the first start, readable by their owner alone, printed at every start."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from services.kernel.access_store import AccessStore
from services.kernel.accounts import Account, add_account, set_password
from services.kernel.surroundings import Surroundings
from services.kernel.tokens import create_token


@dataclass(frozen=True)
class Person:
    name: str
    role: str
    what: str
    page: str
    staff_number: str | None = None
    units: tuple[str, ...] = ()


PEOPLE: Final = (
    Person("10543", "agent", "话务员 agent", "/desk", "10543"),
    Person("fuzeren", "approver", "负责人 approver", "/clocks", "20001"),
    Person("banzhang", "supervisor", "班长 supervisor", "/routing", "10001"),
    Person("xuanwu", "officer", "玄武区承办人 officer", "/inspection", None,
           ("inspection-xuanwu", "employment-xuanwu")),
    Person("301101", "officer", "就业援助员 assistant", "/visits", "301101",
           ("employment-gaochun", "employment-xuanwu")),
    Person("yunwei", "operator", "运维 operator", "/operations"),
)  # fmt: skip
CLIENT: Final = "demo-feed"
BY_HAND: Final = frozenset({"inspection-xuanwu", "employment-xuanwu", "employment-gaochun"})
"""Units without a system of their own in the demo: their people use the worklist pages."""


class Secrets(BaseModel):
    """What demo.json keeps: passwords by account, and the token of the client that feeds the samples."""

    passwords: dict[str, str]
    token: str


async def people(store: AccessStore, around: Surroundings, folder: Path) -> Secrets:
    """The demo's accounts and token, made if they are not there yet."""
    path = folder / "demo.json"
    known = Secrets.model_validate_json(path.read_bytes()) if path.exists() else None
    passwords = dict(known.passwords) if known else {}
    new = {person.name: _password() for person in PEOPLE if person.name not in passwords}
    if known and not new:
        return known
    await _add(store, around, new)
    token = known.token if known else await create_token(store, CLIENT, "supervisor", around.now())
    made = Secrets(passwords=passwords | new, token=token)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(made.model_dump_json())
    return made


async def _add(store: AccessStore, around: Surroundings, passwords: Mapping[str, str]) -> None:
    for person in (one for one in PEOPLE if one.name in passwords):
        password = passwords[person.name]
        if await _known(store, person.name):
            await set_password(store, person.name, password)
            continue
        await add_account(
            store, person.name, password, person.role, around.now(),
            staff_number=person.staff_number, units=person.units,
        )  # fmt: skip


async def _known(store: AccessStore, name: str) -> bool:
    return await store.read(lambda session: session.get(Account, name) is not None)


def _password() -> str:
    """Three groups of four that can be typed from a screen."""
    letters = "abcdefghkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))
