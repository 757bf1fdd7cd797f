"""Which processes there are, with their addresses and their environment."""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.commands.builders import BUILDERS
from services.kernel.settings import Settings
from tools.real.kafka_jars import ROOT
from tools.scaled.child import Child

REPLICAS: Final[Mapping[str, int]] = {"router": 2, "inspection_adapter": 2}  # of all others one
HERE: Final = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HERE, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def services(settings: Settings) -> dict[str, list[Child]]:
    """The processes of every service."""
    ports = iter(free_ports(sum(REPLICAS.get(name, 1) for name in BUILDERS)))
    return {
        name: [process(settings, name, number, next(ports)) for number in range(REPLICAS.get(name, 1))]
        for name in BUILDERS
    }


def simulators(settings: Settings, port: int, pace: str = "demo") -> Child:
    """The demo's partners; they call back through the proxy."""
    folder = settings.data_dir
    options = {
        "--keyring": settings.keyring, "--yikou": settings.public_url, "--port": port, "--pace": pace,
        "--state": folder / "simulators.jsonl",
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "services.simulators",
        *(str(x) for pair in options.items() for x in pair),
    ]
    return Child("simulators", command, folder, f"http://{HERE}:{port}/_counts", _environment())


def address(child: Child) -> str:
    """host:port of a process."""
    return child.probe.split("/")[2]


def process(settings: Settings, service: str, number: int, port: int) -> Child:
    """One of a service's processes, the first has the number 0."""
    name = f"{service}-{number + 1}"
    command = [sys.executable, "-m", "services", "serve", service]
    own = {"YIKOU_HOST": HERE, "YIKOU_PORT": str(port), "YIKOU_INSTANCE": name}
    given = {
        "YIKOU_DATA_DIR": settings.data_dir, "YIKOU_CITY": Path(settings.city).resolve(),
        "YIKOU_LOG_URL": settings.log_url, "YIKOU_STORE_URL": settings.store_url_pattern,
        "YIKOU_PUBLIC_URL": settings.public_url, "YIKOU_CALLBACK_ALLOW": settings.callback_allow,
        "YIKOU_LOG_LEVEL": settings.log_level, "YIKOU_SMS_URL": settings.sms_url,
    }  # fmt: skip
    environment = _environment() | {key: str(value) for key, value in given.items()} | own
    return Child(name, command, settings.data_dir, f"http://{HERE}:{port}/readyz", environment)


def _environment() -> dict[str, str]:
    """Ours, without settings of another installation; bytecode is kept, for the next start."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("YIKOU_")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
