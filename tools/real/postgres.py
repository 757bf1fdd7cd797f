"""A real PostgreSQL on 127.0.0.1: on a free port, in a folder of its own, stopped by process id.

For tests, and for `make up-scaled`, which keeps its data. It ends with the process that started it.

As root the server runs under another user, which it insists on.
"""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.real.parent import ends_with_parent

USER = "nobody"
PATIENCE = 30.0  # seconds


class NoPostgres(RuntimeError):
    """This machine has no PostgreSQL."""


class Postgres:
    """`with Postgres(folder) as server: server.url("name")`. NoPostgres where it cannot run.

    durable: as in production, for kill tests. kept: the folder stays, and is used again.
    """

    def __init__(self, folder: Path, *, durable: bool = False, kept: bool = False) -> None:
        self.programs, self.folder = programs(), folder.resolve()
        self.port = _free_port()
        self._durable, self._kept = durable, kept
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.getuid() == 0:
            self._let_the_server_in()
        if not (self.folder / "data").exists():
            self._make()
        self._await_predecessor()
        self.start()
        self.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._kept:
            self.stop()
        else:
            self.kill()  # to write everything down first would be wasted
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, in the main thread: it ends with the thread that started it."""
        with (self.folder / "log").open("ab") as log:
            settings = [part for key, value in self._settings().items() for part in ("-c", f"{key}={value}")]
            self._process = self._run("postgres", "-D", "data", *settings, output=log.fileno())

    def wait(self) -> None:
        """Until it answers."""
        until = time.monotonic() + PATIENCE
        probe = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(probe, check=False).returncode:
            if self.ended or time.monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text("utf-8", "replace")[-2000:])
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Of the server; its processes are its children. 0 before the start."""
        return self._process.pid if self._process is not None else 0

    @property
    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """SIGKILL to the whole server, as when the machine loses its power; its data stay."""
        if self._process is not None and not self.ended:
            children = (
                Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
            )
            for pid in (self._process.pid, *map(int, children)):
                with suppress(ProcessLookupError):  # a session that ends just now
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def _let_the_server_in(self) -> None:
        user = pwd.getpwnam(USER)
        for parent in self.folder.parents:
            if parent.owner() == "root" and parent.stat().st_mode & 0o001 == 0:
                if self._kept:  # somebody's own folder, not one that pytest made
                    raise NoPostgres(
                        f"PostgreSQL 不能以 root 运行，用户 {USER} 进不了 {parent}：请用普通用户运行，"
                        f"或执行 chmod o+x {parent}。/ PostgreSQL does not run as root, and the user {USER} "
                        f"cannot enter {parent}: run this as another user, or say chmod o+x {parent}."
                    )
                parent.chmod(parent.stat().st_mode | 0o011)
        os.chown(self.folder, user.pw_uid, user.pw_gid)

    def _make(self) -> None:
        """Beside its place, then moved there: one that was cut short is never taken for a whole one."""
        shutil.rmtree(self.folder / "part", ignore_errors=True)
        made = self._run(
            "initdb", "-D", "part", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
            *(() if self._durable else ("-N",)), output=subprocess.PIPE,
        )  # fmt: skip
        said, _ = made.communicate()
        if made.returncode:
            raise RuntimeError(said.decode())
        (self.folder / "part").rename(self.folder / "data")

    def _await_predecessor(self) -> None:
        """One whose parent was killed may still be writing."""
        until, note = time.monotonic() + PATIENCE, self.folder / "data" / "postmaster.pid"
        with suppress(OSError, IndexError):
            while Path(f"/proc/{note.read_text().split()[0]}").exists() and time.monotonic() < until:
                time.sleep(0.05)

    def _settings(self) -> dict[str, object]:
        safe = "on" if self._durable else "off"
        return {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder,
            "shared_buffers": "64MB", "fsync": safe, "synchronous_commit": safe, "full_page_writes": safe,
            "max_connections": 120, "log_min_messages": "warning",
            "recovery_init_sync_method": "syncfs",  # file by file it takes half a minute on a busy disk
        }  # fmt: skip

    def _run(self, program: str, *arguments: str, output: int) -> "subprocess.Popen[bytes]":
        user = pwd.getpwnam(USER) if os.getuid() == 0 else None
        return subprocess.Popen(
            [str(self.programs / program), *arguments], cwd=self.folder, stdout=output,
            stderr=subprocess.STDOUT, env={**os.environ, "HOME": str(self.folder)},
            user=user and user.pw_uid, group=user and user.pw_gid, extra_groups=[] if user else None,
            start_new_session=True,  # Ctrl-C is for the one that started it
            preexec_fn=ends_with_parent(signal.SIGINT),
        )  # fmt: skip


def programs() -> Path:
    """Where initdb and postgres are: PG_BIN, Debian's folders, the PATH."""
    found = [os.environ.get("PG_BIN", ""), *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    found += os.environ.get("PATH", "").split(os.pathsep)
    for folder in filter(None, found):
        if os.access(Path(folder) / "initdb", os.X_OK):
            return Path(folder)
    raise NoPostgres("no initdb in PG_BIN, /usr/lib/postgresql or on the PATH")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
