"""What the databases and the simulators say after a run, to be held against what was owed."""

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

SERVICES = (
    "intake", "router", "inspection_adapter", "employment_adapter", "helpdesk_adapter", "notifier",
)  # fmt: skip
Order = dict[str, list[str]]


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def statuses(folder: Path) -> Counter[str]:
    found = rows(folder / "intake.db", "SELECT status, count(*) FROM intake_case GROUP BY status")
    return Counter({str(status): int(str(count)) for status, count in found})


def parked(folder: Path) -> int:
    return sum(len(rows(folder / f"{service}.db", "SELECT id FROM parked")) for service in SERVICES)


def unpublished(folder: Path) -> int:
    sql = "SELECT id FROM outbox WHERE published_at IS NULL"
    return sum(len(rows(folder / f"{service}.db", sql)) for service in SERVICES)


def holes(folder: Path) -> list[str]:
    """Cases whose outbox numbers are not 1, 2, 3 … in some service."""
    sql = "SELECT case_id, count(*), min(case_seq), max(case_seq) FROM outbox GROUP BY case_id"
    return [
        f"{service} {case}"
        for service in SERVICES
        for case, count, first, last in rows(folder / f"{service}.db", sql)
        if (first, last) != (1, count)
    ]


def out_of_order(folder: Path) -> list[str]:
    """Cases of which some source's events stand in the log in another order than they were numbered."""
    highest: defaultdict[tuple[str, str], int] = defaultdict(int)
    wrong = []
    for source, case, seq in rows(
        folder / "log.db", "SELECT source, case_id, seq FROM record ORDER BY offset"
    ):
        key = (str(source), str(case))
        if int(str(seq)) > highest[key] + 1:
            wrong.append(f"{key} {seq} after {highest[key]}")
        highest[key] = max(highest[key], int(str(seq)))
    return wrong


def misplaced(folder: Path) -> list[str]:
    """(service, source, case) whose position is not the last event that the source wrote."""
    written = {
        (source, case): last
        for source in SERVICES
        for case, last in rows(
            folder / f"{source}.db", "SELECT case_id, max(case_seq) FROM outbox GROUP BY 1"
        )
    }
    return [
        f"{service} {source} {case}: {seq} of {written[(str(source), case)]}"
        for service in SERVICES
        for case, heard in rows(folder / f"{service}.db", "SELECT case_id, heard FROM position")
        for source, seq in numbers(str(heard)).items()
        if seq != written[(str(source), case)]
    ]


def numbers(heard: str) -> dict[str, int]:
    """ "intake:4 router:2" as a table."""
    return {source: int(seq) for source, _, seq in (part.partition(":") for part in heard.split())}


def timelines(folder: Path) -> Order:
    """Event names of every case at intake, as they were heard."""
    found: Order = defaultdict(list)
    for case, name in rows(folder / "intake.db", "SELECT case_id, type FROM intake_timeline ORDER BY id"):
        found[str(case)].append(str(name))
    return found
