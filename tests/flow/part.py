"""A process that serves some services of an installation, to be killed; what it says goes to a file."""

from services.commands.bench_installation import Node
from tests.commands.installed import Installed


class Part(Node):
    """A process that serves some of the services of `home`."""

    def __init__(self, home: Installed, name: str, *services: str) -> None:
        super().__init__(home.folder, name=name, arguments=("services", "serve", *services))
        self.home = home

    def environment(self) -> dict[str, str]:
        own = {f"YIKOU_{name.upper()}": value for name, value in self.home.settings.items()}
        return super().environment() | own
