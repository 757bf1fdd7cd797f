"""I14 to I17: what was shown to whom, and what may be readable nowhere."""

from pathlib import Path
from typing import Final

from services.commands.feed_lines import mobile
from tools.chaos.evidence import Evidence
from tools.chaos.finding import Broken, Finding
from tools.chaos.history import text
from tools.chaos.load import NAME, WORD

CANARIES: Final = (NAME, WORD, mobile(1), mobile(2), mobile(3))
NO_ERASURE: Final = "every service takes CaseErased, but nobody can ask for an erasure yet"
NO_CHAIN: Final = "who looked is written down, but not chained yet"


def scope(evidence: Evidence) -> Finding:
    """Another system's questions for our cases are answered as if there were none."""
    broken = [
        Broken(f"a stranger was answered {row['status']}", text(row, "case"))
        for row in evidence.reads
        if row["status"] not in (404, 503, 502)
    ]
    return Finding(f"{len(evidence.reads)} questions of a stranger", broken)


def canaries(evidence: Evidence) -> Finding:
    """A name, telephone numbers and a word of the text: in no log file, history, dump or answer."""
    searched = [path for path in sorted(evidence.folder.rglob("*")) if _is_told(path, evidence.folder)]
    broken = []
    for path in searched:
        content = path.read_bytes()
        broken += [Broken(f"{path.name} holds a canary") for word in CANARIES if word.encode() in content]
    return Finding(f"{len(searched)} files", broken)


def _is_told(path: Path, folder: Path) -> bool:
    return (
        path.is_file()
        and path.suffix in (".jsonl", ".log", ".bin")
        and path.parent in (folder, folder / "logs")
    )


def erased(_evidence: Evidence) -> Finding:
    return Finding("", skipped=NO_ERASURE)


def audit(_evidence: Evidence) -> Finding:
    return Finding("", skipped=NO_CHAIN)
