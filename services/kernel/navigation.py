"""The way to the pages: the header's entries, and where its search box posts to.

They stand in the `navigation.toml` of the kernel and of each service, so that a process shows the whole
navigation without loading what it does not serve.

    [search]                                   # at most one; asked as `q`
    path = "/desk/search"
    label = "编号、电话或单位"
    permission = "case.read.all"

    [[page]]                                   # in the order of the header
    path = "/desk"
    label = "工作台"
    permission = "case.read.all"               # without one: for everybody
    hint = "登记来电、查找案件、看我的案件"
    key = "g i"
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from services.kernel.roles import PERMISSIONS, Principal

FILE: Final = "navigation.toml"


class NavItem(NamedTuple):
    """An entry in the header and on the home page. permission None: for everyone.

    label, hint (a line for the home page): Chinese msgids; key: the keyboard's way there, such as "g i".
    """

    path: str
    label: str
    permission: str | None = None
    hint: str = ""
    key: str = ""

    def is_for(self, who: Principal | None) -> bool:
        return self.permission is None or (who is not None and who.may(self.permission))


class Navigation(NamedTuple):
    """Every entry of an installation, whoever it is for."""

    pages: tuple[NavItem, ...] = ()
    searches: tuple[NavItem, ...] = ()

    @classmethod
    def read(cls, folders: Iterable[Path]) -> "Navigation":
        """Of these services' folders, in their order. ValueError names what is wrong in a file."""
        pages: list[NavItem] = []
        searches: list[NavItem] = []
        for path in (folder / FILE for folder in folders):
            if not path.is_file():
                continue
            content = tomllib.loads(path.read_text(encoding="utf-8"))
            pages += [_item(path, row) for row in content.pop("page", ())]
            searches += [_item(path, content.pop("search"))] if "search" in content else []
            if content:
                raise ValueError(f"{path}: unknown {', '.join(content)}")
        return cls(tuple(pages), tuple(searches))


def _item(path: Path, row: dict[str, str]) -> NavItem:
    try:
        item = NavItem(**row)
    except TypeError as error:
        raise ValueError(f"{path}: {row.get('path')} {error}") from None
    if item.permission is not None and item.permission not in PERMISSIONS:
        raise ValueError(f"{path}: {item.path}: no role has the permission {item.permission!r}")
    return item
