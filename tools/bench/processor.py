"""CPU of a program with all the processes it started, also of those that have ended."""

import os
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")


def of_tree(pid: int) -> float:
    """Seconds of the process `pid`, its children that live, and those that it has waited for."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        parent, own, waited = int(fields[1]), fields[11:13], fields[13:15]
        if int(folder.name) == pid:
            total += sum(map(int, own)) + sum(map(int, waited))
        elif parent == pid:
            total += sum(map(int, own))
    return total / TICKS
