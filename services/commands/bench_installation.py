"""Yikou as a process of its own, with an installation in a folder: to be measured, killed, started again."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from services.commands.installation import NotPossible, keyring_of
from services.domain.city import City
from services.kernel.access_store import AccessStore
from services.kernel.settings import Settings
from services.kernel.surroundings import real
from services.kernel.tokens import create_token

ROOT: Final = Path(__file__).parents[2]
CITY: Final = ROOT / "deploy" / "cities" / "nanjing"
SERVE_ALL: Final = ("services", "serve", "all")
PATIENCE: Final = 20.0  # seconds to end by itself


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Node:
    """`kill` is SIGKILL; `stop` is SIGTERM and waits. stdout and stderr go to <folder>/<name>.log.

    `arguments`: what follows `python -m`. `readiness`: the path that answers 200 once it can work.
    `extra`: settings beside those of the folder.
    """

    folder: Path
    simulators: str = ""
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    arguments: tuple[str, ...] = SERVE_ALL
    readiness: str = "/readyz"
    name: str = "node"
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def environment(self) -> dict[str, str]:
        own = {
            "YIKOU_PORT": str(self.port),
            "YIKOU_DATA_DIR": str(self.folder),
            "YIKOU_CITY": str(self.folder / "city"),
            "YIKOU_CALLBACK_ALLOW": "127.0.0.0/8",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "",  # compiling everything at every start is half a second of each
        }
        if self.simulators:
            own["YIKOU_SMS_URL"] = f"{self.simulators}/sms"
        outer = {key: value for key, value in os.environ.items() if not key.startswith("YIKOU_")}
        return outer | own | dict(self.extra)

    def start(self) -> None:
        """In its own folder, where no `.env` of another installation is read."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and modules)
                [sys.executable, "-m", *self.arguments],
                cwd=self.folder, env=self.environment(), stdout=output, stderr=output,
            )  # fmt: skip

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    @contextlib.contextmanager
    def running(self) -> Iterator["Node"]:
        """Start it; whatever happens inside, it has ended afterwards."""
        try:
            self.start()
            yield self
        finally:
            try:
                self.stop()
            except BaseException:  # it hangs, or we are interrupted once more
                self.kill()
                raise

    async def ready(self, seconds: float = 30) -> float:
        """Wait until it answers; the seconds that took. NotPossible: it ended, or it took too long."""
        began = time.perf_counter()
        async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
            while time.perf_counter() - began < seconds:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(self.url + self.readiness)).status_code == 200:
                        return time.perf_counter() - began
                if self.process is not None and self.process.poll() is not None:
                    break
                await asyncio.sleep(0.02)
        tail = self.log.read_text("utf-8", "replace")[-3000:]
        raise NotPossible(f"{self.name} 没有启动。/ {self.name} did not start.\n{tail}")


def sleepless_city(folder: Path) -> Path:
    """Nanjing with one quiet second a day and nobody on call: a run says the same at midnight as at noon."""
    city = folder / "city"
    if not CITY.is_dir():
        raise NotPossible(f"没有城市目录 {CITY}。/ There is no city folder {CITY}: run it in a checkout.")
    shutil.copytree(CITY, city, dirs_exist_ok=True)
    hours = (CITY / "hours.toml").read_text("utf-8")
    hours = hours.replace("begins = 21:00:00", "begins = 03:00:00")
    hours = hours.replace("ends = 08:00:00", "ends = 03:00:01")
    (city / "hours.toml").write_text(hours, "utf-8")
    (city / "duty.toml").write_text("", "utf-8")
    return city


def install(folder: Path, *, connected: bool = True) -> dict[str, tuple[str, ...]]:
    """Make the key ring, with a secret for every unit when they are `connected`; the secrets by unit."""
    sleepless_city(folder)
    settings = settings_in(folder)
    ring = keyring_of(settings)
    units = [unit.id for unit in City.load(CITY).units] if connected else []
    for unit in units:
        ring = ring.with_partner_secret(
            unit, "whsec_" + secrets.token_urlsafe(24).replace("-", "A").replace("_", "B")
        )
    ring.dump(settings.keyring)
    return {unit: ring.partner_secrets(unit) for unit in units}


def connect(folder: Path, simulators: str, units: list[str]) -> None:
    """Point the units at the simulators."""
    entries = ",".join(
        f'"{unit}": {{"endpoint": "{simulators}/{unit}", "allow": ["127.0.0.0/8"]}}' for unit in units
    )
    (folder / "partners.json").write_text(f"{{{entries}}}")


async def token(installation: Path | Settings, role: str, name: str = "") -> str:
    """A token of the installation (or the one in this folder), for a machine client of this role."""
    settings = settings_in(installation) if isinstance(installation, Path) else installation
    store = AccessStore(settings.store_url("access"))
    await store.start()
    try:
        return await create_token(store, name or f"test-{role}", role, real().now())
    finally:
        await store.close()


def settings_in(folder: Path) -> Settings:
    """Everything inside `folder`, whatever the environment says of another installation."""
    return Settings.read(
        data_dir=folder,
        city=folder / "city",
        keyring=folder / "keyring.json",
        partners=folder / "partners.json",
        log_url=f"sqlite:///{folder}/log.db",
        store_url_pattern=f"sqlite:///{folder}/{{service}}.db",
    )
