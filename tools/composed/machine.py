"""What this machine must have, and how programs are run on it."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.real.kafka_jars import ROOT

CACHE: Final = ROOT / ".cache" / "compose"
PROGRAMS: Final = {
    "buildah": "buildah", "podman": "podman", "runc": "runc", "debootstrap": "debootstrap",
    "java": "openjdk-17-jre-headless",
}  # fmt: skip
"""Program to Debian's package."""
COMPOSE: Final = "v5.5.1"  # of the module proxy's versions the newest that Go 1.26.8 builds


class Failed(Exception):
    """A step did not succeed; the message is what was said."""


def lacks() -> list[str]:
    """A sentence, in Chinese and English, for each thing that is missing."""
    missing = [
        f"缺少 {program}，请先安装（Debian：apt install {package}）。"
        f"/ {program} is missing: install it first (Debian: apt install {package})."
        for program, package in PROGRAMS.items()
        if shutil.which(program) is None
    ]
    if os.geteuid() != 0:
        missing.append(
            "须以 root 运行（buildah、debootstrap）。/ It must run as root (buildah, debootstrap)."
        )
    if not plugin().exists() and shutil.which("go") is None:
        missing.append(
            "没有 docker compose，也没有 Go 来编译。/ There is no docker compose, and no Go to build it."
        )
    return missing


def said(
    command: Sequence[str | Path], *, within: float, at: Path = ROOT, more: Mapping[str, str] | None = None
) -> str:
    """Run it and return what it wrote. Failed with its last lines; `within`: seconds."""
    try:
        done = subprocess.run(
            [str(part) for part in command], cwd=at, env=os.environ | (more or {}), timeout=within,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Failed(f"{command[0]} took more than {within:.0f} s") from None
    if done.returncode:
        raise Failed(
            "\n".join(done.stdout.splitlines()[-25:]) or f"{command[0]} ended with {done.returncode}"
        )
    return done.stdout


def plugin() -> Path:
    """Where docker compose is, or will be."""
    installed = shutil.which("docker-compose")
    return Path(installed) if installed else CACHE / f"docker-compose-{COMPOSE}" / "docker-compose"
