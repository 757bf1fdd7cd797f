"""The jars of a real Kafka: fetched once by Maven into .cache/ (outside git), then used by every run."""

import fcntl
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
POM: Final = ROOT / "deploy" / "kafka" / "pom.xml"
LOGGING: Final = ROOT / "deploy" / "kafka" / "log4j2.yaml"
CACHE: Final = ROOT / ".cache" / "kafka"
PATIENCE: Final = 240  # seconds that a first download may take


class NoKafka(Exception):
    """This machine cannot run a Kafka; the message says what it lacks."""


def jars() -> Path:
    """The folder with all jars. NoKafka without Java, or without Maven when nothing is cached yet."""
    if shutil.which("java") is None:
        raise NoKafka("no java on the PATH")
    folder = folder_of_jars()
    CACHE.mkdir(parents=True, exist_ok=True)
    with exclusive():
        if not folder.exists():
            _fetch(folder)
    return folder


def folder_of_jars() -> Path:
    """Where they are, or will be."""
    version = re.search(r"<kafka.version>([^<]+)<", POM.read_text(encoding="utf-8"))
    return CACHE / (version[1] if version else "unknown")


@contextmanager
def exclusive() -> Iterator[None]:
    """Two runs at once would write into each other's folders."""
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise NoKafka("no mvn on the PATH to fetch its jars with")
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={part}"]
    try:
        made = subprocess.run(
            ["mvn", "-q", "-B", "-f", str(POM), *goal], capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise NoKafka(f"Maven did not fetch its jars in {PATIENCE} s") from None
    if made.returncode:
        raise NoKafka(f"Maven could not fetch its jars: {made.stdout.strip().splitlines()[:1]}")
    part.rename(folder)
