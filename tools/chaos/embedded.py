"""The embedded stack: everything in one process and SQLite files, on a small disk of its own where we may."""

import asyncio
import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from hashlib import sha256
from pathlib import Path
from typing import Final

from services.commands.bench_installation import Node, connect, install, settings_in
from tools.chaos.history import Row
from tools.chaos.stack import SERVE, Built, Servers
from tools.scaled.child import Child, stop

DISK: Final = "size=256m"
FILLER: Final = "filler"


class Embedded:
    """`yikou serve all` in `data`. `small`: the folder is a disk of its own, which can be filled."""

    name = "embedded"
    servers: Servers | None = None

    def __init__(self, folder: Path, front: int, sms: str) -> None:
        self.data, self.front, self.small = folder / "data", front, False
        node = Node(self.data, simulators=sms, port=front)
        own = {"CHAOS_BUG": str(folder / "bug"), "YIKOU_LOG_LEVEL": "warning"}
        command = [sys.executable, "-m", SERVE, "all"]
        child = Child("yikou", command, folder, f"{node.url}/readyz", node.environment() | own)
        self.children: Mapping[str, Child] = {"yikou": child}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Started when the block begins and ended with it; its tables come by themselves."""
        children = list(self.children.values())
        try:
            for child in children:
                child.start()
            yield
        finally:
            await stop(children)

    @asynccontextmanager
    async def disk(self) -> AsyncIterator[None]:
        """The folder as a small file system, where we may mount one."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.small = os.getuid() == 0 and _run("mount", "-t", "tmpfs", "-o", DISK, "tmpfs", str(self.data))
        try:
            yield
        finally:
            if self.small:
                _run("umount", "-l", str(self.data))

    def fill(self) -> None:
        """Leave not one free byte."""
        free = shutil.disk_usage(self.data).free
        with contextlib.suppress(OSError), (self.data / FILLER).open("wb") as filler:
            for _ in range(free // 65536 + 1):
                filler.write(bytes(65536))
                filler.flush()

    def empty(self) -> None:
        (self.data / FILLER).unlink(missing_ok=True)

    async def select(self, service: str, query: str) -> Sequence[Sequence[object]]:
        return await asyncio.to_thread(self._select, f"{service}.db", query)

    async def records(self) -> list[Row]:
        query = "SELECT offset, id, type, source, case_id, seq, body FROM record ORDER BY offset"
        return [
            {"partition": 0, "offset": int(str(offset)), "id": str(identity), "type": str(kind),
             "source": str(source), "case_id": str(case), "seq": int(str(seq)),
             "body": sha256(body if isinstance(body, bytes) else b"").hexdigest()[:16]}
            for offset, identity, kind, source, case, seq, body in await self.select("log", query)
        ]  # fmt: skip

    async def offsets(self) -> dict[str, int]:
        with contextlib.suppress(sqlite3.Error):
            found = await self.select("log", "SELECT name, offset FROM follower")
            return {f"{name} 0": int(str(offset)) for name, offset in found}
        return {}

    async def poison(self, mode: str, chance: int) -> None:
        while True:
            try:
                return await asyncio.to_thread(self._poison, mode, random.Random(chance))
            except sqlite3.OperationalError:  # locked, or the disk is full just now
                await asyncio.sleep(0.2)

    def _poison(self, mode: str, chance: random.Random) -> None:
        case = "no case at all" if mode == "bytes" else str(uuid.UUID(int=chance.getrandbits(128), version=4))
        identity = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        row = (identity, "CaseReceived", "stranger", case, 1, "2026-01-01T00:00:00+00:00", b'{"not": "it"}')
        with closing(sqlite3.connect(self.data / "log.db", timeout=10)) as log, log:
            log.execute(
                "INSERT INTO record (id, type, source, case_id, seq, at, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def _select(self, file: str, query: str) -> Sequence[Sequence[object]]:
        with closing(sqlite3.connect(self.data / file, timeout=10)) as connection:
            return connection.execute(query).fetchall()


@asynccontextmanager
async def embedded(folder: Path, front: int, partners: str) -> AsyncIterator[Built]:
    """Installed in `folder`/data, listening on `front`; its units and the gateway are at `partners`."""
    stack = Embedded(folder, front, partners)
    async with stack.disk():
        secrets = install(stack.data)
        connect(stack.data, partners, list(secrets))
        yield Built(stack, settings_in(stack.data), secrets)


def _run(*command: str) -> bool:
    """Whether it did what it was to do."""
    return not subprocess.run(command, capture_output=True, check=False).returncode
