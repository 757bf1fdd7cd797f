"""I3 to I6, I9: what services said, what the log holds, and what services heard."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from services.kernel.position import numbers
from tools.chaos.evidence import Evidence
from tools.chaos.finding import Broken, Finding
from tools.chaos.history import Row, moment, number, text
from tools.chaos.operator import STRANGER

OTHERS: Final = (STRANGER, "")  # sources that are no service of ours; "": of bytes that nobody can read


def contiguous(evidence: Evidence) -> Finding:
    broken = [
        Broken(f"{service} said {[number(row, 'case_seq') for row in said]}", case)
        for (service, case), said in evidence.events.items()
        if [number(row, "case_seq") for row in said] != list(range(1, len(said) + 1))
    ]
    return Finding(
        f"{sum(map(len, evidence.events.values()))} events of {len(evidence.events)} pairs", broken
    )


def published(evidence: Evidence) -> Finding:
    """Every row is marked and in the log, and nothing of ours is there that no outbox holds."""
    logged = Counter(text(row, "id") for row in evidence.log if text(row, "source") not in OTHERS)
    said, broken = set(), []
    for service, row in evidence.table("outbox"):
        said.add(identity := text(row, "event_id"))
        what = f"{service} {row['type']} {row['case_seq']}"
        if row["published_at"] is None:
            broken.append(Broken(f"{what} is not marked as published", text(row, "case_id")))
        if identity not in logged:
            broken.append(Broken(f"{what} is not in the log", text(row, "case_id")))
    foreign = [
        row for row in evidence.log if text(row, "source") not in OTHERS and text(row, "id") not in said
    ]
    broken += [
        Broken(f"the log has a {row['type']} that no outbox has", text(row, "case_id")) for row in foreign
    ]
    again = sum(logged.values()) - len(logged)
    return Finding(f"{len(said)} rows, {sum(logged.values())} records ({again} sent again)", broken)


def applied_once(evidence: Evidence) -> Finding:
    """Each service stands where its sources stopped, and what it wrote from events is there once each."""
    parked = {
        (service, text(row, "source"), text(row, "case_id")) for service, row in evidence.table("parked")
    }
    last = {key: len(said) for key, said in evidence.events.items()}
    heard, broken = 0, []
    for service, row in evidence.table("position"):
        case = text(row, "case_id")
        for source, seq in numbers(text(row, "heard")).items():
            heard += 1
            wanted = last.get((source, case))
            if source != STRANGER and seq != wanted and (service, source, case) not in parked:
                broken.append(Broken(f"{service} heard {seq} of {wanted} from {source}", case))
    broken += [*_timelines(evidence), *_derived(evidence)]
    return Finding(f"{heard} positions, {len(parked)} messages parked", broken)


def _timelines(evidence: Evidence) -> Iterator[Broken]:
    """The timeline has a line for each event of each source, once."""
    said: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (service, case), events in evidence.events.items():
        said[case].update(f"{service} {row['type']}" for row in events)
    told: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for _, row in evidence.table("intake_timeline"):
        told[text(row, "case_id")][f"{row['source']} {row['type']}"] += 1
    for case in said.keys() | told.keys():
        missing, doubled = said[case] - told[case], told[case] - said[case]
        if missing or doubled:
            yield Broken(f"timeline lacks {dict(missing)}, has too much {dict(doubled)}", case)


def _derived(evidence: Evidence) -> Iterator[Broken]:
    """One task and one delivery for each routing, one text owed for each telling."""
    routed: Counter[str] = Counter()
    for (service, case), events in evidence.events.items():
        if service == "router":
            routed[case] += sum(row["type"] == "CaseRouted" for row in events)
    tasks = Counter(text(row, "case_id") for _, row in evidence.table("task"))
    sends = Counter(
        text(row, "case_id") for _, row in evidence.table("delivery") if row["kind"] == "SendTask"
    )
    for case in routed.keys() | tasks.keys() | sends.keys():
        if not routed[case] == tasks[case] == sends[case]:
            yield Broken(f"{routed[case]} times routed, {tasks[case]} tasks, {sends[case]} deliveries", case)


def in_order(evidence: Evidence) -> Finding:
    """In the log no number comes before the one below it; the timeline tells them in the same order.

    A log that was lost is filled again while new events come: there only what was applied counts.
    """
    lost = any(row["what"] == "broker_lost" for row in evidence.faults)
    highest: defaultdict[tuple[str, str], int] = defaultdict(int)
    broken = []
    for row in sorted(evidence.log, key=lambda row: (number(row, "partition"), number(row, "offset"))):
        key = (text(row, "source"), text(row, "case_id"))
        if not lost and key[0] != STRANGER and number(row, "seq") > highest[key] + 1:
            broken.append(
                Broken(f"in the log {key[0]} {row['seq']} follows {highest[key]}", text(row, "case_id"))
            )
        highest[key] = max(highest[key], number(row, "seq"))
    told: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in sorted(evidence.dumped.get(("intake", "intake_timeline"), []), key=lambda r: number(r, "id")):
        told[text(row, "source"), text(row, "case_id")].append(text(row, "type"))
    for (source, case), names in told.items():
        said = [text(row, "type") for row in evidence.events.get((source, case), [])]
        if Counter(said) == Counter(names) and said != names:
            broken.append(Broken(f"{source} said {said}, the timeline tells {names}", case))
    return Finding(f"{len(evidence.log)} records, {len(told)} sequences", broken)


def poison(evidence: Evidence) -> Finding:
    """Unreadable bytes are dead letters, strangers' events skipped, and what a bug parked is gone."""
    lost = max((moment(row) for row in evidence.faults if row["what"] == "broker_lost"), default=0.0)
    made = Counter(
        text(row, "target") for row in evidence.faults if row["what"] == "poison" and moment(row) > lost
    )  # what a broker lost before it was heard, nobody can hear
    letters: Counter[str] = Counter(service for service, _ in evidence.table("dead_letter"))
    skipped = Counter(service for service, row in evidence.table("skipped") if row["source"] == STRANGER)
    broken = [
        Broken(f"{service} has {letters[service]} dead letters of {made['bytes']}")
        for service, _ in _services(evidence)
        if letters[service] < made["bytes"]
    ]
    broken += [
        Broken(f"{service} still has a {row['why']} {row['type']} of {row['source']}", text(row, "case_id"))
        for service, row in evidence.table("parked")
    ]
    replayed = sum(row["what"] == "ordered" and row["decision"] == "replay" for row in evidence.phases)
    parked = max((number(row, "parked") for row in evidence.phases if row["what"] == "left"), default=0)
    figures = (
        f"{made['bytes']} unreadable, {made['schema']} malformed ({skipped.total()} skipped),"
        f" {parked} parked at the fix, {replayed} replays ordered"
    )
    return Finding(figures, broken)


def _services(evidence: Evidence) -> list[tuple[str, list[Row]]]:
    return [(service, found) for (service, table), found in evidence.dumped.items() if table == "position"]
