"""R1 to R3: how long it took until a killed process could work, and until things flowed with a server back.

Faults fall together. Only what nothing else disturbed meanwhile is held against its limit; all are shown.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from tools.chaos.check_time import share
from tools.chaos.evidence import Evidence
from tools.chaos.finding import Broken, Finding
from tools.chaos.history import Row, moment, number, text

PROCESS, DATABASE, BROKER = 10.0, 5.0, 15.0  # seconds
ENTRY: Final = frozenset({"intake-1", "clients"})  # without them there may be nothing that could flow
SERVERS: Final = frozenset({"postgres", "kafka"})


class Span(NamedTuple):
    """When something was going on, in seconds since the epoch."""

    begin: float
    end: float

    def meets(self, others: Iterable["Span"]) -> bool:
        return any(self.begin < other.end and other.begin < self.end for other in others)


def processes(evidence: Evidence) -> Finding:
    """From SIGKILL until the process that was started again can work."""
    broken = [
        Broken(f"{row['target']} did not come back")
        for row in evidence.faults
        if row["what"] == "ready" and not number(row, "there")
    ]
    back = [row for row in evidence.faults if row["what"] == "ready"]
    return _within(
        PROCESS * evidence.slack, back, _spans(evidence, _is_of_servers), "nothing was killed and waited for",
        broken,
    )  # fmt: skip


def database(evidence: Evidence) -> Finding:
    """From PostgreSQL's return until something new is in the log."""
    return _flowing(evidence, "database", DATABASE)


def broker(evidence: Evidence) -> Finding:
    """From the broker's return until something new is in the log."""
    return _flowing(evidence, "broker", BROKER)


def _flowing(evidence: Evidence, what: str, limit: float) -> Finding:
    back = [row for row in evidence.faults if row["what"] == "flows" and row["target"] == what]
    own = ("database_kill",) if what == "database" else ("broker_kill", "broker_lost")

    def disturbs(row: Row) -> bool:
        return row["target"] in ENTRY or (_is_of_servers(row) and row["kind"] not in own)

    nothing = f"no {what} of this stack was killed"
    return _within(limit * evidence.slack, back, _spans(evidence, disturbs), nothing, [])


def _is_of_servers(row: Row) -> bool:
    return row["target"] in SERVERS


def _spans(evidence: Evidence, chosen: Callable[[Row], bool]) -> list[Span]:
    """When faults of this choice lasted; a process that was killed needs its time to come back."""
    found = []
    for row in evidence.faults:
        if row["what"] == "undone" and chosen(row):
            begin = moment(row) - float(row["took"] or 0)
            found.append(Span(begin, moment(row) + (PROCESS if row["kind"] in ("kill", "clock") else 0.0)))
    return found


def _within(
    limit: float, back: list[Row], disturbing: list[Span], nothing: str, broken: list[Broken]
) -> Finding:
    if not back:
        return Finding("", skipped=nothing)
    took = {id(row): float(row["after"] or 0) for row in back}
    alone = [row for row in back if not Span(moment(row) - took[id(row)], moment(row)).meets(disturbing)]
    broken += [
        Broken(f"{text(row, 'target')} took {took[id(row)]:.1f} s, at most {limit:g} s")
        for row in alone
        if took[id(row)] > limit
    ]
    undisturbed = [took[id(row)] for row in alone]
    return Finding(f"{_said(undisturbed)}; with other faults meanwhile: {_said(took.values())}", broken)


def _said(values: Iterable[float]) -> str:
    found = list(values)
    return f"{len(found)}, p50 {share(found, 0.5):.1f} s, most {max(found):.1f} s" if found else "none"
