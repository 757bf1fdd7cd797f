"""The two ways into the access database, as accounts, tokens and sessions need them."""

import re
from collections.abc import Callable, Iterable
from typing import Final, Protocol, TypeVar

from sqlmodel import Session

from services.domain.refusals import Refusal
from services.kernel.roles import ROLES

T = TypeVar("T")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class Keeping(Protocol):
    """`services.kernel.access_store.AccessStore`, or a service's `Store`."""

    async def run(self, work: Callable[[Session], T]) -> T: ...

    async def read(self, work: Callable[[Session], T]) -> T: ...


def checked_name(name: str) -> str:
    """A login or client name: it stands in events and logs, so it is a code and not a person's name."""
    if not _NAME.fullmatch(name):
        zh = "名称只能用字母、数字和 . _ @ -，最多 64 个字符"
        raise Refusal("bad-name", zh, "a name has letters, digits and . _ @ - only, at most 64", "name")
    return name


def checked_role(role: str) -> str:
    if role not in ROLES:
        known = ", ".join(ROLES)
        raise Refusal("unknown-role", f"角色只能是：{known}", f"the role must be one of: {known}", "role")
    return role


def joined(units: Iterable[str]) -> str:
    return ",".join(units)


def parted(units: str) -> tuple[str, ...]:
    return tuple(unit for unit in units.split(",") if unit)
