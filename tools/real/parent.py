"""Processes that end with the one that started them, however it ends."""

import ctypes
import os
import signal
from collections.abc import Callable
from typing import Final

_PDEATHSIG: Final = 1
_libc: Final = ctypes.CDLL(None)  # now: a child between fork and exec had better load nothing


def ends_with_parent(by: signal.Signals) -> Callable[[], None]:
    """For `Popen(preexec_fn=…)`, in the main thread: the system sends `by` when that thread ends."""
    parent = os.getpid()

    def ask() -> None:
        _libc.prctl(_PDEATHSIG, by)
        if os.getppid() != parent:  # it ended before we could ask
            os._exit(1)

    return ask
