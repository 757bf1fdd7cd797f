"""nginx in front of the processes on this machine: deploy/proxy/nginx.conf with our addresses beside it."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from services.kernel.settings import Settings
from tools.real.kafka_jars import ROOT
from tools.scaled.child import Child
from tools.scaled.processes import address

TEMPLATE: Final = ROOT / "deploy" / "proxy" / "nginx.conf"
SITE: Final = "site"  # what every process can answer: the first service, the others when it is away
KEEP: Final = "keepalive 16; keepalive_timeout 15s;"  # shorter than services/kernel/server.py keeps them
Addresses = Mapping[str, Sequence[str]]  # service to the host:port of each of its processes


def nginx() -> str | None:
    """The program; Debian keeps it where an ordinary user's PATH does not lead."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]
    return shutil.which("nginx", path=os.pathsep.join(places))


def configure(folder: Path, listen: str, services: Addresses) -> list[str]:
    """Write the configuration into `folder`; the command that serves it on `listen` (host:port)."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(TEMPLATE, folder / "nginx.conf")
    (folder / "listen.conf").write_text(f"listen {listen};\n")
    (folder / "upstreams.conf").write_text(upstreams(services))
    program = nginx() or "nginx"
    return [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr", "-g", "daemon off;"]


def in_front(folder: Path, settings: Settings, parts: Mapping[str, Sequence[Child]]) -> Child:
    """nginx at the settings' address before these processes, to be started."""
    at = {name: [address(child) for child in replicas] for name, replicas in parts.items()}
    command = configure(folder / "proxy", f"{settings.host}:{settings.port}", at)
    return Child("nginx", command, folder, f"{settings.public_url}/healthz")


def upstreams(services: Addresses) -> str:
    first, *others = services.values()
    any_of = [*first, *(f"{one} backup" for at in others for one in at)]
    return "".join(
        f"upstream {name} {{ {' '.join(f'server {one};' for one in at)} {KEEP} }}\n"
        for name, at in [*services.items(), (SITE, any_of)]
    )
