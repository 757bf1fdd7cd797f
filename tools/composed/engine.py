"""podman's socket in the place of a Docker engine, and docker compose at it.

with Engine(project) as engine:
    engine.compose("up", "--detach", within=300)
"""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tools.composed.images import STORES
from tools.composed.machine import CACHE, Failed, said
from tools.composed.programs import compose
from tools.real.kafka_jars import ROOT
from tools.real.parent import ends_with_parent

FILES: Final = ("-f", "docker-compose.yml", "-f", "override.yml")
CONF: Final = {"CONTAINERS_CONF": str(ROOT / "tools" / "composed" / "containers.conf")}
LOCAL: Final = ("podman", *STORES, "--tmpdir", str(CACHE / "tmp"))
INTERVAL: Final = 5.0  # seconds between two checks, as in the file: so many failures are unhealthy
SOCKET: Final = CACHE / "podman.sock"


class Engine:
    """`project`: the folder with the compose files. At the end every container of it is removed."""

    def __init__(self, project: Path) -> None:
        self.project, self._over = project, threading.Event()
        self._checking = threading.Thread(target=self._check_health)

    def __enter__(self) -> Self:
        SOCKET.unlink(missing_ok=True)
        with (CACHE / "podman.log").open("ab") as log:
            self._service = subprocess.Popen(
                [*LOCAL, "system", "service", "--time=0", f"unix://{SOCKET}"], env=os.environ | CONF,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=ends_with_parent(signal.SIGTERM),
            )  # fmt: skip
        self._checking.start()
        try:
            self._listens()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._end()

    def compose(self, *arguments: str, within: float) -> str:
        """What docker compose said. Failed."""
        return said(
            [compose(), *FILES, *arguments],
            within=within,
            at=self.project,
            more={"DOCKER_HOST": f"unix://{SOCKET}"},
        )

    def left(self) -> list[str]:
        """The names of containers, in whatever state, and of volumes."""
        containers = self._podman("ps", "--all", "--format", "{{.Names}}")
        return [*containers.split(), *self._podman("volume", "ls", "--quiet").split()]

    def _podman(self, *arguments: str) -> str:
        return said([*LOCAL, *arguments], within=120, more=CONF)

    def _listens(self) -> None:
        for _ in range(600):
            if SOCKET.exists():
                return
            if self._service.poll() is not None:
                break
            time.sleep(0.1)
        raise Failed(f"podman does not listen; see {CACHE}/podman.log")

    def _check_health(self) -> None:
        """podman leaves health checks to systemd's timers, which a machine like this does not have."""
        while not self._over.wait(INTERVAL):
            with suppress(Failed):
                for container in self._podman("ps", "--quiet", "--filter", "health=starting").split():
                    with suppress(Failed):  # not healthy yet
                        self._podman("healthcheck", "run", container)

    def _end(self) -> None:
        self._over.set()
        self._checking.join()
        with suppress(Failed):
            self._podman("rm", "--all", "--force", "--time", "5")
            self._podman("volume", "prune", "--force")
        self._service.terminate()
        self._service.wait()
        SOCKET.unlink(missing_ok=True)
