"""What the databases and the simulators say after a run, to be held against what was owed."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from services.simulators.run import Simulation

SERVICES = (
    "intake", "router", "inspection_adapter", "employment_adapter", "helpdesk_adapter", "notifier",
)  # fmt: skip
ONCE = (
    "CaseReceived", "CaseRouted", "TaskDelivered", "TaskAccepted", "OutcomeReported", "CaseClosed",
)  # fmt: skip
Order = dict[str, list[str]]
Found = Sequence[tuple[object, ...]]
Rows = Callable[[str, str], Found]
"""What a query finds in the database of a service, "access" or, where it is embedded, "log"."""


def of_files(folder: Path) -> Rows:
    def rows(name: str, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
            return connection.execute(sql).fetchall()

    return rows


def whole(rows: Rows, partners: Simulation, ids: Sequence[str], cases: int) -> None:
    """Every case was worked on once and closed, every text sent once, and nothing waits anywhere."""
    counts = partners.counts()
    assert len(set(ids)) == cases
    assert statuses(rows) == {"closed": cases}
    assert counts["units"]["task"] == cases
    assert counts["sms"]["message"] == 2 * cases
    assert counts["sms"].get("repeat", 0) == counts["sms"].get("conflict", 0) == 0
    assert parked(rows) == unpublished(rows) == 0
    assert holes(rows) == misplaced(rows) == []
    for names in timelines(rows).values():
        assert all(names.count(once) == 1 for once in ONCE), names


def statuses(rows: Rows) -> Counter[str]:
    found = rows("intake", "SELECT status, count(*) FROM intake_case GROUP BY status")
    return Counter({str(status): int(str(count)) for status, count in found})


def parked(rows: Rows) -> int:
    return sum(len(rows(service, "SELECT id FROM parked")) for service in SERVICES)


def unpublished(rows: Rows) -> int:
    return sum(len(rows(service, "SELECT id FROM outbox WHERE published_at IS NULL")) for service in SERVICES)


def holes(rows: Rows) -> list[str]:
    """Cases whose outbox numbers are not 1, 2, 3 … in some service."""
    sql = "SELECT case_id, count(*), min(case_seq), max(case_seq) FROM outbox GROUP BY case_id"
    return [
        f"{service} {case}"
        for service in SERVICES
        for case, count, first, last in rows(service, sql)
        if (first, last) != (1, count)
    ]


def out_of_order(rows: Rows) -> list[str]:
    """Cases of which some source's events stand in the log in another order than they were numbered."""
    highest: defaultdict[tuple[str, str], int] = defaultdict(int)
    wrong = []
    for source, case, seq in rows("log", "SELECT source, case_id, seq FROM record ORDER BY offset"):
        key = (str(source), str(case))
        if int(str(seq)) > highest[key] + 1:
            wrong.append(f"{key} {seq} after {highest[key]}")
        highest[key] = max(highest[key], int(str(seq)))
    return wrong


def misplaced(rows: Rows) -> list[str]:
    """(service, source, case) whose position is not the last event that the source wrote."""
    return [f"{place}: {seq} of {last}" for place, seq, last in _places(rows) if seq != last]


def ahead(rows: Rows) -> list[str]:
    """(service, source, case) of which the service has heard more than the source ever wrote."""
    return [f"{place}: {seq} of {last}" for place, seq, last in _places(rows) if seq > last]


def _places(rows: Rows) -> Iterator[tuple[str, int, int]]:
    """Every position, and the last number that its source wrote."""
    written = {
        (source, case): int(str(last))
        for source in SERVICES
        for case, last in rows(source, "SELECT case_id, max(case_seq) FROM outbox GROUP BY 1")
    }
    for service in SERVICES:
        for case, heard in rows(service, "SELECT case_id, heard FROM position"):
            for source, seq in numbers(str(heard)).items():
                yield f"{service} {source} {case}", seq, written.get((source, case), 0)


def numbers(heard: str) -> dict[str, int]:
    """ "intake:4 router:2" as a table."""
    return {source: int(seq) for source, _, seq in (part.partition(":") for part in heard.split())}


def timelines(rows: Rows) -> Order:
    """Event names of every case at intake, as they were heard."""
    found: Order = defaultdict(list)
    for case, name in rows("intake", "SELECT case_id, type FROM intake_timeline ORDER BY id"):
        found[str(case)].append(str(name))
    return found
