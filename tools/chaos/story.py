"""The whole story of one case, from every teller, in the order of time."""

from collections.abc import Iterator

from tools.chaos.evidence import Evidence
from tools.chaos.history import Row, moment, text

HIDDEN = frozenset({"at", "what", "service", "table"})


def story(evidence: Evidence, case: str) -> list[str]:
    """What clients, partners and faults noted, and then what every table says at the end."""
    keys = {key for key, cases in evidence.answered.items() if case in cases}
    tasks = {text(row, "key") for _, row in evidence.table("task") if row["case_id"] == case}
    tasks |= {text(row, "key") for _, row in evidence.table("delivery") if row["case_id"] == case}
    told = [("client", row) for row in evidence.client if text(row, "key") in keys]
    told += [
        (text(row, "who"), row)
        for row in evidence.partners
        if {text(row, "key"), text(row, "reference")} & tasks
    ]
    if not told:
        return [*_end(evidence, case)]
    begin, end = min(moment(row) for _, row in told), max(moment(row) for _, row in told)
    told += [("fault", row) for row in evidence.faults if begin - 1 <= moment(row) <= end + 1]
    lines = [
        f"{moment(row) - begin:8.3f} s  {who:22} {row['what']} {_facts(row)}"
        for who, row in sorted(told, key=lambda one: moment(one[1]))
    ]
    return [*lines, *_end(evidence, case)]


def _end(evidence: Evidence, case: str) -> Iterator[str]:
    deliveries = {text(row, "id") for _, row in evidence.table("delivery") if row["case_id"] == case}
    for (service, table), found in evidence.dumped.items():
        for row in found:
            if row.get("case_id") == case or text(row, "delivery_id") in deliveries:
                yield f"at the end  {service}.{table} {_facts(row)}"


def _facts(row: Row) -> str:
    return " ".join(
        f"{name}={value}" for name, value in row.items() if name not in HIDDEN and value is not None
    )
