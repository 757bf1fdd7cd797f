"""What this machine must have, and what to install where it lacks something."""

import re
import shutil
import subprocess
from collections.abc import Callable
from typing import Final

from tools.real.kafka_jars import folder_of_jars
from tools.real.postgres import NoPostgres, programs
from tools.scaled.proxy import nginx

JAVA: Final = 17  # the oldest that Kafka 4 runs on


def lacks() -> list[str]:
    """A sentence, in Chinese and English, for each part that is missing."""
    return [
        f"缺少 {what}，请先安装（Debian：apt install {package}）。"
        f"/ {what} is missing: install it first (Debian: apt install {package})."
        for what, package, is_there in _PARTS
        if not is_there()
    ]


def _has_java() -> bool:
    if shutil.which("java") is None:
        return False
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    return version is not None and int(version[1]) >= JAVA


def _has_jars() -> bool:
    return folder_of_jars().exists() or shutil.which("mvn") is not None


def _has_postgres() -> bool:
    try:
        return programs().is_dir()
    except NoPostgres:
        return False


_PARTS: Final[tuple[tuple[str, str, Callable[[], bool]], ...]] = (
    (f"Java ≥ {JAVA}", "openjdk-17-jre-headless", _has_java),
    ("Maven", "maven", _has_jars),  # to fetch Kafka with, once
    ("PostgreSQL", "postgresql", _has_postgres),
    ("nginx", "nginx-light", lambda: nginx() is not None),
)
