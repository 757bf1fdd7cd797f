"""A folder as an operator has it: the compose files, the proxy's, empty `secrets` and `installation`."""

import os
import shutil
from pathlib import Path
from typing import Final

import yaml

from tools.composed.images import OURS, STAND_INS
from tools.composed.machine import CACHE
from tools.real.kafka_jars import ROOT
from tools.scaled.proxy import upstreams

USER: Final = 10001  # of deploy/Dockerfile
PORT: Final = 8080
OVERRIDE: Final = ROOT / "tools" / "composed" / "override.yml"


def project(port: int) -> Path:
    """Make it, with the proxy on 127.0.0.1:`port`."""
    folder = CACHE / "project"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "deploy" / "proxy", folder / "deploy" / "proxy")
    shutil.copyfile(ROOT / "docker-compose.yml", folder / "docker-compose.yml")
    shutil.copyfile(OVERRIDE, folder / "override.yml")
    (folder / "deploy" / "proxy" / "listen.conf").write_text(
        f"listen 127.0.0.1:{port};\nlisten 127.0.0.1:{PORT};\n"
    )
    (folder / "deploy" / "proxy" / "upstreams.conf").write_text(upstreams(addresses()))
    for name, mode in (("secrets", 0o700), ("installation", 0o755)):
        (folder / name).mkdir(mode=mode)
        os.chown(folder / name, USER, USER)
    named = {"YIKOU_IMAGE": OURS, **{f"{name.upper()}_IMAGE": image for name, image in STAND_INS.items()}}
    settings = named | {"YIKOU_SUBNET": "127.0.0.0/8", "YIKOU_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    (folder / ".env").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    return folder


def addresses() -> dict[str, list[str]]:
    """Service to host:port of each of its containers, as the override has them."""
    at: dict[str, list[str]] = {}
    for name, container in yaml.safe_load(OVERRIDE.read_text().replace("!reset ", ""))["services"].items():
        if host := container.get("environment", {}).get("YIKOU_HOST"):
            at.setdefault(container.get("extends", {}).get("service", name), []).append(f"{host}:{PORT}")
    return at
