"""Yikou as a process of its own, with an installation in a folder, to be started, killed, started again."""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from services.commands.installation import keyring_of
from services.domain.city import City
from services.kernel.access_store import AccessStore
from services.kernel.settings import Settings
from services.kernel.surroundings import real
from services.kernel.tokens import create_token

ROOT = Path(__file__).parents[2]
CITY = ROOT / "deploy" / "cities" / "nanjing"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Node:
    """`kill` is SIGKILL; `stop` is SIGTERM and waits. stderr goes to <folder>/node.log."""

    folder: Path
    simulators: str = ""
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        own = {
            "YIKOU_PORT": str(self.port),
            "YIKOU_DATA_DIR": str(self.folder),
            "YIKOU_CITY": str(self.folder / "city"),
            "YIKOU_CALLBACK_ALLOW": "127.0.0.0/8",
            "PYTHONPATH": str(ROOT),
        }
        if self.simulators:
            own["YIKOU_SMS_URL"] = f"{self.simulators}/sms"
        return {key: value for key, value in os.environ.items() if not key.startswith("YIKOU_")} | own

    def start(self) -> None:
        with (self.folder / "node.log").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services", "serve", "all"],
                cwd=ROOT, env=self.environment(), stdout=output, stderr=output,
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
        return self.process.wait(timeout=20)

    async def ready(self, seconds: float = 30) -> float:
        """Wait until it answers; the seconds that took."""
        began = time.perf_counter()
        async with httpx.AsyncClient(trust_env=False, timeout=2) as http, asyncio.timeout(seconds):
            while True:
                try:
                    if (await http.get(f"{self.url}/readyz")).status_code == 200:
                        return time.perf_counter() - began
                except httpx.TransportError:
                    pass
                if self.process is not None and self.process.poll() is not None:
                    raise RuntimeError((self.folder / "node.log").read_text()[-3000:])
                await asyncio.sleep(0.02)


def sleepless_city(folder: Path) -> Path:
    """Nanjing with one quiet second a day, so that a test says the same at midnight as at noon."""
    city = folder / "city"
    shutil.copytree(CITY, city, dirs_exist_ok=True)
    hours = (CITY / "hours.toml").read_text("utf-8")
    hours = hours.replace("begins = 21:00:00", "begins = 03:00:00")
    hours = hours.replace("ends = 08:00:00", "ends = 03:00:01")
    (city / "hours.toml").write_text(hours, "utf-8")
    return city


def install(folder: Path, *, connected: bool = True) -> dict[str, tuple[str, ...]]:
    """Make the key ring, with a secret for every unit when they are `connected`; the secrets by unit."""
    settings = Settings.read(data_dir=folder, city=sleepless_city(folder))
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


async def token(folder: Path, role: str, name: str = "") -> str:
    """A token of the installation in `folder`, for a machine client of this role."""
    store = AccessStore(Settings.read(data_dir=folder, city=CITY).store_url("access"))
    await store.start()
    try:
        return await create_token(store, name or f"test-{role}", role, real().now())
    finally:
        await store.close()
