"""I10, I13, I18 to I20: how long things took, and what came back to where it was."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from tools.chaos.evidence import Evidence
from tools.chaos.finding import Broken, Finding
from tools.chaos.history import moment, number, text

WITHIN: Final[Mapping[str, float]] = {"embedded": 60.0, "scaled": 90.0}
SLOWER, MORE = 1.2, 1.0  # I10: times, and seconds
BACK: Final = 1.1  # I19
FILES: Final = 12  # connections that may be kept for a while


def share(values: Iterable[float], part: float = 0.95) -> float:
    """A quantile; 0 of nothing."""
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * part))] if found else 0.0


def dead_partner(evidence: Evidence) -> Finding:
    well, dead = _until_delivered(evidence, "all_well"), _until_delivered(evidence, "one_dead")
    if not well or not dead:
        return Finding("", skipped="the quiet part was not reached")
    before, after = share(well), share(dead)
    broken = []
    if after > SLOWER * before + MORE:
        broken.append(Broken(f"the others' p95 rose from {before:.2f} s to {after:.2f} s"))
    return Finding(f"p95 {before * 1000:.0f} ms, with one dead {after * 1000:.0f} ms", broken)


def _until_delivered(evidence: Evidence, phase: str) -> list[float]:
    """Seconds from the client's answer to the unit, of cases of this phase, without those of the dead one."""
    spans = {text(row, "what"): row for row in evidence.phases}
    if phase not in spans or f"{phase}_over" not in spans:
        return []
    begin, end, dead = moment(spans[phase]), moment(spans[f"{phase}_over"]), text(spans[phase], "dead")
    cases = evidence.case_of_number
    at_unit = {
        cases.get(text(row, "case"), ""): moment(row) for row in evidence.noted("task") if row["who"] != dead
    }
    return [
        max(0.0, at_unit[text(row, "case")] - moment(row))
        for row in evidence.client
        if row["what"] == "ok" and begin <= moment(row) <= end and text(row, "case") in at_unit
    ]


def drained(evidence: Evidence) -> Finding:
    found = [row for row in evidence.phases if row["what"] == "drained"]
    stack = next((text(row, "stack") for row in evidence.phases if "stack" in row), "embedded")
    limit = WITHIN[stack] * evidence.slack
    if not found:
        return Finding("", [Broken("it never came to an end")])
    broken = []
    for row in found:
        after, left = float(row["after"] or 0), number(row, "left")
        if left or after > limit:
            broken.append(Broken(f"{left} left after {after:.1f} s, at most {limit:g} s"))
    seconds = ", ".join(f"{float(row['after'] or 0):.1f}" for row in found)
    tried = sum(row["what"] == "ordered" and row["decision"] == "retry" for row in evidence.phases)
    return Finding(f"drained after {seconds} s, {tried} deliveries tried at once by the operator", broken)


def offsets(evidence: Evidence) -> Finding:
    """A group's saved place never falls; a log that was lost begins again from nothing.

    Between the loss and its end a sample may still be of the old log: it says nothing.
    """
    lost = [moment(row) for row in evidence.faults if row["what"] == "broker_lost"]
    filled = [moment(row) for row in evidence.faults if row.get("kind") == "broker_lost"]
    highest: dict[tuple[str, int], int] = {}
    broken, seen = [], 0
    for row in evidence.samples:
        losses, refills = (sum(moment(row) > at for at in times) for times in (lost, filled))
        if row["what"] != "offset" or losses > refills:
            continue
        seen += 1
        place = (text(row, "place"), losses)
        if number(row, "offset") < highest.get(place, 0):
            broken.append(Broken(f"{place[0]} fell from {highest[place]} to {row['offset']}"))
        highest[place] = max(highest.get(place, 0), number(row, "offset"))
    return Finding(f"{seen} samples of {len(highest)} places", broken)


def resources(evidence: Evidence) -> Finding:
    """Between the two halves of the quiet part nothing is killed: what is held must be given back."""
    held: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in evidence.samples:
        if row["what"] == "process" and row["phase"]:
            held[text(row, "target")][text(row, "phase")] = (number(row, "memory"), number(row, "files"))
    broken, said = [], []
    for target, phases in held.items():
        if set(phases) != {"all_well", "one_dead"}:
            continue
        (before, files), (after, more) = phases["all_well"], phases["one_dead"]
        said.append(f"{target} {before / 1e6:.0f}/{after / 1e6:.0f} MB {files}/{more} files")
        if after > before * BACK:
            broken.append(Broken(f"{target} holds {after / 1e6:.0f} MB, {before / 1e6:.0f} MB before"))
        if more > files * BACK + FILES:
            broken.append(Broken(f"{target} has {more} files open, {files} before"))
    return Finding("; ".join(said), broken, "" if said else "the quiet part was not reached")


def clocks(evidence: Evidence) -> Finding:
    skewed = [row for row in evidence.faults if row["what"] == "clock"]
    if not skewed:
        return Finding("", skipped="no process of this stack had a wrong clock (or no faketime here)")
    return Finding(", ".join(f"{row['target']} {row['mode']}" for row in skewed) + ": the others hold")
