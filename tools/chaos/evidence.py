"""The histories of a campaign, read for the checks."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tools.chaos.history import CLIENT, DUMP, FAULTS, PARTNERS, PHASES, READS, SAMPLES, Row, rows, text


@dataclass
class Evidence:
    """Rows by teller. `dumped`: by (service, table)."""

    folder: Path
    client: Sequence[Row] = ()
    partners: Sequence[Row] = ()
    faults: Sequence[Row] = ()
    samples: Sequence[Row] = ()
    reads: Sequence[Row] = ()
    phases: Sequence[Row] = ()
    dumped: dict[tuple[str, str], list[Row]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Evidence":
        told = {name: list(rows(folder, name)) for name in (CLIENT, PARTNERS, FAULTS, SAMPLES, READS, PHASES)}
        dumped: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows(folder, DUMP):
            dumped[text(row, "service"), text(row, "table")].append(row)
        return cls(folder, **told, dumped=dict(dumped))

    @property
    def slack(self) -> float:
        """How many times as long as on a quiet machine things may take: limits of time are multiplied."""
        return next((float(row["slack"] or 1) for row in self.phases if row.get("slack")), 1.0)

    def table(self, name: str) -> Iterator[tuple[str, Row]]:
        """The rows of this table in every service that has it."""
        for (service, table), found in self.dumped.items():
            if table == name:
                yield from ((service, row) for row in found)

    @cached_property
    def log(self) -> list[Row]:
        return self.dumped.get(("log", "record"), [])

    @cached_property
    def answered(self) -> dict[str, set[str]]:
        """The cases that clients were answered with, by key."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for row in self.client:
            if row["what"] == "ok":
                found[text(row, "key")].add(text(row, "case"))
        return dict(found)

    @cached_property
    def cases(self) -> set[str]:
        return {case for found in self.answered.values() for case in found}

    @cached_property
    def events(self) -> dict[tuple[str, str], list[Row]]:
        """What each service said of each case, by (service, case), in the order of its numbers."""
        found: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        for service, row in self.table("outbox"):
            found[service, text(row, "case_id")].append(row)
        return {key: sorted(said, key=lambda row: int(row["case_seq"] or 0)) for key, said in found.items()}

    @cached_property
    def case_of_number(self) -> dict[str, str]:
        """The case's public number, which partners know, to its id."""
        return {text(row, "number"): text(row, "case_id") for _, row in self.table("intake_case")}

    def noted(self, what: str) -> list[Row]:
        """Notes of the partners and the gateway of one kind."""
        return [row for row in self.partners if row["what"] == what]
