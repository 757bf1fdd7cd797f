"""What the databases and the simulators say after a run, to be held against what was owed.

`Rows` reads what is committed in a service's store, wherever that is: `tests.places` has it for both.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from uuid import UUID

from services.simulators.run import Simulation

SERVICES = (
    "intake", "router", "inspection_adapter", "employment_adapter", "helpdesk_adapter", "notifier",
)  # fmt: skip
DELIVERING = SERVICES[2:]
ONCE = (
    "CaseReceived", "CaseRouted", "TaskDelivered", "TaskAccepted", "OutcomeReported", "CaseClosed",
)  # fmt: skip
Order = dict[str, list[str]]
Rows = Callable[[str, str], Sequence[tuple[object, ...]]]
Numbered = tuple[str, str, int]  # source, case, number


def whole(rows: Rows, partners: Simulation, ids: Sequence[str], cases: int) -> None:
    """Every case was worked on once and closed, every text sent once, and nothing waits anywhere."""
    counts = partners.counts()
    assert len(set(ids)) == cases
    assert statuses(rows) == {"closed": cases}
    assert counts["units"]["task"] == cases
    assert counts["sms"]["message"] == 2 * cases
    assert counts["sms"].get("repeat", 0) == counts["sms"].get("conflict", 0) == 0
    assert parked(rows) == unpublished(rows) == undelivered(rows) == 0
    assert holes(rows) == misplaced(rows) == []
    for names in timelines(rows).values():
        assert all(names.count(once) == 1 for once in ONCE), names


def statuses(rows: Rows) -> Counter[str]:
    found = rows("intake", "SELECT status, count(*) FROM intake_case GROUP BY status")
    return Counter({str(status): int(str(count)) for status, count in found})


def parked(rows: Rows) -> int:
    return sum(len(rows(service, "SELECT id FROM parked")) for service in SERVICES)


def unpublished(rows: Rows) -> int:
    sql = "SELECT id FROM outbox WHERE published_at IS NULL"
    return sum(len(rows(service, sql)) for service in SERVICES)


def undelivered(rows: Rows) -> int:
    """Requests on their way, or whose answer was lost and is yet to be asked for."""
    sql = "SELECT id FROM delivery WHERE settled_at IS NULL"
    return sum(len(rows(service, sql)) for service in DELIVERING)


async def settled(rows: Rows, within: float = 60.0) -> None:
    """Until every event was published and heard and every request settled: the last answer may be asked for
    seconds after its case was closed. After `within` seconds what is missing is left to be shown.
    """
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not await asyncio.to_thread(lambda: unpublished(rows) or undelivered(rows) or misplaced(rows)):
            return
        await asyncio.sleep(0.2)


def holes(rows: Rows) -> list[str]:
    """Cases whose outbox numbers are not 1, 2, 3 … in some service."""
    sql = "SELECT case_id, count(*), min(case_seq), max(case_seq) FROM outbox GROUP BY case_id"
    return [
        f"{service} {case}"
        for service in SERVICES
        for case, count, first, last in rows(service, sql)
        if (first, last) != (1, count)
    ]


def embedded_log(rows: Rows) -> list[Numbered]:
    """The records of the log on files, as they stand in it."""
    found = rows("log", "SELECT source, case_id, seq FROM record ORDER BY offset")
    return [(str(source), str(case), int(str(seq))) for source, case, seq in found]


def out_of_order(log: Iterable[Numbered]) -> list[str]:
    """Cases of which some source's events stand in the log in another order than they were numbered."""
    highest: defaultdict[tuple[str, str], int] = defaultdict(int)
    wrong = []
    for source, case, seq in log:
        key = (source, case)
        if seq > highest[key] + 1:
            wrong.append(f"{key} {seq} after {highest[key]}")
        highest[key] = max(highest[key], seq)
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


def _id(case: object) -> str:
    return str(UUID(str(case)))  # SQLite keeps it without dashes


def told_apart(rows: Rows, cases: Collection[str]) -> Counter[str]:
    """How often an event of these cases was applied `doubled`, `lost` or `out_of_order` at intake's timeline.

    What a service wrote of a case must stand there once each, in its order.
    """
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source, case, name in rows("intake", "SELECT source, case_id, type FROM intake_timeline ORDER BY id"):
        told[(str(source), _id(case))].append(str(name))
    shown = {name for names in told.values() for name in names}
    wrong: Counter[str] = Counter()
    for source in SERVICES:
        wrote: dict[str, list[str]] = defaultdict(list)
        for case, name in rows(source, "SELECT case_id, type FROM outbox ORDER BY case_id, case_seq"):
            if str(name) in shown:
                wrote[_id(case)].append(str(name))
        for case in cases:
            owed, found = wrote[case], told[(source, case)]
            wrong["lost"] += (Counter(owed) - Counter(found)).total()
            wrong["doubled"] += (Counter(found) - Counter(owed)).total()
            wrong["out_of_order"] += Counter(owed) == Counter(found) and owed != found
    return +wrong
