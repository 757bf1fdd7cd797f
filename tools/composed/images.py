"""The images: ours as deploy/Dockerfile says, and those that a registry would give, made from Debian here."""

import re
import shutil
from pathlib import Path
from typing import Final

from tools.composed.machine import CACHE, Failed, said
from tools.real.kafka_jars import ROOT, jars

BASE: Final = "localhost/yikou-base:bookworm"
OURS: Final = "localhost/yikou:check"
STAND_INS: Final = {name: f"localhost/yikou-{name}:check" for name in ("kafka", "postgres", "nginx")}
STORES: Final = ("--root", str(CACHE / "storage"), "--runroot", str(CACHE / "runroot"))
SOURCES: Final = Path("/etc/apt/sources.list.d")  # where Debian comes from here: kept out of the images
CERTIFICATES: Final = "/etc/ssl/certs"  # pip in the build trusts whom this machine trusts


def base() -> None:
    """A minimal Debian with Python, in the place of python:…-slim. Made once."""
    if BASE in _there():
        return
    found = re.search(r"^URIs:\s*(\S+)", (SOURCES / "debian.sources").read_text(), re.MULTILINE)
    if found is None:
        raise Failed(f"{SOURCES}/debian.sources names no mirror of Debian")
    folder, root = CACHE / "base", CACHE / "base" / "root"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parts = "--include=ca-certificates,python3,python3-venv"
    said(["debootstrap", "--variant=minbase", parts, "bookworm", root, found[1]], within=600)
    for left in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(root / left)
        (root / left).mkdir()
    (root / "etc/apt/sources.list").write_text("")
    (folder / "Dockerfile").write_text('FROM scratch\nADD root /\nCMD ["/bin/bash"]\n')
    _build(BASE, folder / "Dockerfile", folder)
    shutil.rmtree(folder)


def ours() -> None:
    """The image of deploy/Dockerfile, from the files as they are now."""
    _build(
        OURS, ROOT / "deploy" / "Dockerfile", ROOT,
        "--layers", "--network", "host", "--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro",
        "--volume", f"{SOURCES}:{SOURCES}:ro",
        "--build-arg", f"BASE={BASE}",
    )  # fmt: skip


def stand_ins() -> None:
    """Kafka, PostgreSQL, nginx: as the official images are where docker-compose.yml touches them."""
    file, libs = ROOT / "tools" / "composed" / "stand_ins" / "Dockerfile", jars().relative_to(ROOT)
    for target, name in STAND_INS.items():
        _build(
            name, file, ROOT, "--ignorefile", "/dev/null", "--layers", "--target", target,
            "--network", "host", "--volume", f"{SOURCES}:{SOURCES}:ro",
            "--build-arg", f"BASE={BASE}", "--build-arg", f"JARS={libs}",
        )  # fmt: skip


def _there() -> str:
    return said(["buildah", *STORES, "images", "--format", "{{.Name}}:{{.Tag}}"], within=60)


def _build(name: str, file: Path, context: Path, *more: str) -> None:
    """`--format docker`: the other one has no health checks."""
    how = ("bud", "--format", "docker", "--isolation", "chroot", "--file", str(file), "--tag", name)
    said(["buildah", *STORES, *how, *more, context], within=1200)
