"""One owner at a time, on one machine: a lock that the system releases when its process dies.

A lease row would need a clock and a waiting time after a crash; `flock` needs neither, and a stopped
process (SIGSTOP) still owns its lock, so it can never wake up as a second writer.
"""

import fcntl
import os
from pathlib import Path


class Held(RuntimeError):
    """Another process owns it; the message says which file, in Chinese and English."""


class FileLock:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise Held at once."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            raise Held(
                f"另一个进程正在使用 {self.path.parent}（{self.path.name}）。"
                f"/ Another process uses {self.path.parent} ({self.path.name})."
            ) from None
        self._fd = fd

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
