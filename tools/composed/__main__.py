"""Every step with its seconds; ends with 0, or with what was said and 1."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import httpx

from tools.composed import images
from tools.composed.engine import Engine
from tools.composed.machine import CACHE, Failed, lacks, said
from tools.composed.programs import compose, hadolint
from tools.composed.project import project
from tools.composed.round import Round
from tools.scaled.processes import HERE, free_ports

INSIDE: Final = "id -u; touch /yikou/x 2>/dev/null || echo read-only; ls -A /run/secrets"
KEPT: Final = "/tmp/kept"  # noqa: S108 (in a container, where nothing else is writable)
FOUND: Final = ["10001", "read-only", "keyring.json", "store_url"]


def main() -> int:
    if missing := lacks():
        print("\n".join(missing), file=sys.stderr)
        return 2
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        _files()
        _images()
        _stack()
    except Failed as why:
        print(why, file=sys.stderr)
        return 1
    return 0


def _files() -> None:
    with _step("docker compose is ready"):
        compose()
    with _step("docker compose config"):
        said([compose(), "config", "--quiet"], within=240)
    with _step("hadolint deploy/Dockerfile"):
        said([hadolint(), "deploy/Dockerfile"], within=240)


def _images() -> None:
    builds: Mapping[str, Callable[[], None]] = {
        "a base image (Debian, Python)": images.base, "the image of deploy/Dockerfile": images.ours,
        "images of Kafka, PostgreSQL, nginx": images.stand_ins,
    }  # fmt: skip
    for what, build in builds.items():
        with _step(what):
            build()


def _stack() -> None:
    [port] = free_ports(1)
    with Engine(project(port)) as engine:
        with _step("docker compose run secrets"):
            engine.compose("run", "--rm", "--pull", "never", "secrets", within=240)
        with _step("docker compose up, all healthy"):
            engine.compose("up", "--detach", "--no-build", "--pull", "never", within=600)
        with _step("not root, read-only, secrets as files"):
            _inside(engine)
        with _step("a case goes round"):
            course = Round(engine, f"http://{HERE}:{port}")
            events = course.go("compose-check-1")
        print(f"     {' '.join(events)}")
        with _step("a router killed, another case goes round"):
            engine.compose("kill", "--signal", "KILL", "router", within=240)
            course.go("compose-check-2")
        with _step("a back-up while it runs"):
            _kept(engine)
        with _step("docker compose down, nothing left"):
            engine.compose("down", "--volumes", "--timeout", "30", within=300)
            if left := engine.left():
                raise Failed(f"left: {' '.join(left)}")


def _inside(engine: Engine) -> None:
    lines = engine.compose("exec", "-T", "intake", "sh", "-c", INSIDE, within=240).split()
    if lines != FOUND:
        raise Failed(f"in the container of intake: {lines}, not {FOUND}")


def _kept(engine: Engine) -> None:
    said = engine.compose("exec", "-T", "inspection_adapter", "yikou", "backup", KEPT, within=240)
    if f"Backed up to {KEPT}" not in said:
        raise Failed(f"yikou backup: {said}")


@contextmanager
def _step(what: str) -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    except Failed:
        print(f"NOT  {what}", flush=True)
        raise
    except httpx.HTTPError as error:
        print(f"NOT  {what}", flush=True)
        raise Failed(f"{type(error).__name__}: {error}") from error
    print(f"ok   {what:44}{time.monotonic() - began:7.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
