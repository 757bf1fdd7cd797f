"""The table that is printed, and the stories of what does not hold."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.table import Table

from tools.chaos.checks import CHECKS
from tools.chaos.evidence import Evidence
from tools.chaos.finding import Finding
from tools.chaos.history import moment, text
from tools.chaos.story import story

SENTENCES: Final = 5  # of each predicate
STORIES: Final = 2
FAULTS: Final = (
    "kill", "freeze", "database_kill", "sessions", "broker_kill", "broker_lost", "network", "partner",
    "poison", "bug", "disk", "clock",
)  # fmt: skip


def show(console: Console, evidence: Evidence, findings: Mapping[str, Finding], kills: int) -> bool:
    """Print it; True when every predicate holds and there were enough kills."""
    made = Counter(text(row, "what") for row in evidence.faults)
    table = Table(title=f"yikou chaos  {evidence.folder.name}", title_justify="left")
    for heading in ("", "holds", "predicate", "figures"):
        table.add_column(heading)
    for name, finding in findings.items():
        mark = "-" if finding.skipped else "no" if finding.broken else "yes"
        table.add_row(name, mark, CHECKS[name][0], finding.skipped or finding.figures)
    console.print(table)
    console.print(lasted(evidence))
    console.print("faults: " + ", ".join(f"{made[kind]} {kind}" for kind in FAULTS if made[kind]))
    shown = 0
    for name, finding in findings.items():
        for broken in finding.broken[:SENTENCES]:
            console.print(f"{name} does not hold: {broken.what} {broken.case}", markup=False, highlight=False)
            if broken.case and shown < STORIES:
                shown += 1
                console.print(
                    "\n".join(story(evidence, broken.case)), markup=False, highlight=False, soft_wrap=True
                )
        if len(finding.broken) > SENTENCES:
            console.print(f"{name}: and {len(finding.broken) - SENTENCES} more")
    if made["kill"] < kills:
        console.print(f"only {made['kill']} kills; {kills} were wanted")
    return made["kill"] >= kills and not any(finding.broken for finding in findings.values())


def lasted(evidence: Evidence) -> str:
    """How long it was broken, and how long all of it took."""
    at = {text(row, "what"): moment(row) for row in evidence.phases}
    began = at.get("faults", 0.0)
    broken, whole = at.get("posted", began) - began, at.get("end", began) - began
    return f"{broken:.0f} s of faults, {whole:.0f} s with what came after them"
