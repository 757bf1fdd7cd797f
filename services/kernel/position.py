"""The guard: what has been heard of each (source, case), so that an event is applied once and in order.

apply only `last + 1`; `<= last` is a duplicate; `> last + 1` is a gap and waits. A parked message holds the
later messages of its case, and only those. The guard remembers in memory; every move is written in the
transaction that applied the event, and what memory does not know is read first.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from enum import Enum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Field, Session, SQLModel

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.eventlog import Record
from services.kernel.store import Tx

REMEMBERED = 50_000  # cases; above that the longest untouched are forgotten and read again when needed

Key = tuple[str, str]  # source, case id


class Position(SQLModel, table=True):
    """The last event of (source, case) that this service has dealt with."""

    __tablename__ = "position"
    source: str = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    seq: int


_TABLE = table(Position)
_KNOWN = select(_TABLE.c.source, _TABLE.c.case_id, _TABLE.c.seq).where(among(_TABLE.c.case_id, "cases"))
_MOVE = insert(_TABLE)
_MOVE = _MOVE.on_conflict_do_update(index_elements=["source", "case_id"], set_={"seq": _MOVE.excluded.seq})


class Verdict(Enum):
    NEXT = "next"
    DUPLICATE = "duplicate"
    GAP = "gap"
    BEHIND = "behind"  # its case has a parked message: wait for that


class Guard:
    """`blocked` holds the cases with a message that failed; a mere gap does not block other messages."""

    def __init__(self) -> None:
        self.blocked: set[str] = set()
        self._cases: OrderedDict[str, dict[str, int]] = OrderedDict()

    def unknown(self, records: Iterable[Record]) -> set[str]:
        return {record.case_id for record in records if record.case_id not in self._cases}

    def learn(self, cases: Iterable[str], positions: Mapping[Key, int]) -> None:
        for case in cases:
            self._cases[case] = {}
        for (source, case), seq in positions.items():
            self._cases[case][source] = seq

    def judge(self, record: Record) -> Verdict:
        last = self._cases[record.case_id].get(record.source, 0)
        if record.seq <= last:
            return Verdict.DUPLICATE
        if record.case_id in self.blocked:
            return Verdict.BEHIND
        return Verdict.NEXT if record.seq == last + 1 else Verdict.GAP

    def advance(self, record: Record) -> None:
        self._cases[record.case_id][record.source] = record.seq
        self._cases.move_to_end(record.case_id)

    def forget(self, cases: Iterable[str] | None = None) -> None:
        """Forget these cases (a transaction failed), or all of them (others may have moved them)."""
        if cases is None:
            self._cases.clear()
            return
        for case in cases:
            self._cases.pop(case, None)

    def shrink(self) -> None:
        while len(self._cases) > REMEMBERED:
            self._cases.popitem(last=False)


def read_positions(session: Session, cases: Iterable[str]) -> dict[Key, int]:
    rows = session.connection().execute(_KNOWN, {"cases": [UUID(case) for case in cases]})
    return {(row.source, str(row.case_id)): row.seq for row in rows}


def write_positions(tx: Tx, records: Iterable[Record]) -> None:
    """Move the positions to these records, the last of each (source, case) winning."""
    last: dict[Key, int] = {(record.source, record.case_id): record.seq for record in records}
    if not last:
        return
    tx.connection().execute(
        _MOVE,
        [{"source": source, "case_id": UUID(case), "seq": seq} for (source, case), seq in last.items()],
    )
