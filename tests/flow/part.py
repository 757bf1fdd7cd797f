"""A process that serves some services of an installation, to be killed."""

from tests.commands.installed import Installed
from tests.flow.node import Node


def part(home: Installed, name: str, *services: str) -> Node:
    return Node(
        home.folder, name=name, arguments=("services", "serve", *services),
        extra={f"YIKOU_{setting.upper()}": value for setting, value in home.settings.items()},
    )  # fmt: skip
