"""The guard: how far a service has come with each (case, source); an event is applied once and in order.

apply only `last + 1`; `<= last` is a duplicate; `> last + 1` is a gap and waits. A parked message holds the
later messages of its case, and only those. Positions are read and moved in the transaction that applies the
events; nothing about them is remembered outside it.
"""

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Final
from uuid import UUID

from sqlalchemy import select

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.eventlog import Record
from services.kernel.parked import FAILED, Parked
from services.kernel.place import PLACES, Place, Position
from services.kernel.sql import Look, Sql
from services.kernel.tx import Tx

_PARKED: Final = table(Parked)
_BLOCKED: Final = Sql(
    select(_PARKED.c.case_id).where(among(_PARKED.c.case_id, "cases"), _PARKED.c.why == FAILED)
)
_POSITIONS: Final = table(Position)
_HEARD: Final = Sql(
    select(_POSITIONS.c.case_id, _POSITIONS.c.heard).where(among(_POSITIONS.c.case_id, "cases"))
)


class Verdict(Enum):
    NEXT = "next"
    DUPLICATE = "duplicate"
    GAP = "gap"
    BEHIND = "behind"  # its case has a parked message: wait for that


class Guard:
    """The positions of these records' cases inside a transaction. A mere gap blocks no other message."""

    def __init__(self, tx: Tx, records: Iterable[Record]) -> None:
        cases = {record.case_id for record in records}
        PLACES.load(tx, cases)
        self._rows = {case: PLACES.get(tx, case) for case in cases}
        self._last = {case: numbers(row.heard) if row else {} for case, row in self._rows.items()}
        self._blocked = {row.case_id for row in tx.all(_BLOCKED, cases=cases)}

    def judge(self, record: Record, *, past_failed: bool = False) -> Verdict:
        """What is to be done with it. `past_failed`: it is itself what its case waits for."""
        last = self._last[record.case_id].get(record.source, 0)
        if record.seq <= last:
            return Verdict.DUPLICATE
        if record.case_id in self._blocked and not past_failed:
            return Verdict.BEHIND
        return Verdict.NEXT if record.seq == last + 1 else Verdict.GAP

    def advance(self, record: Record) -> None:
        """This record is dealt with."""
        self._last[record.case_id][record.source] = record.seq

    def write(self, tx: Tx) -> None:
        """Have the moved positions written with the transaction.

        A case that is new to two processes at once collides, and one of them sees then what the other did.
        """
        for case, last in self._last.items():
            heard, row = " ".join(f"{source}:{seq}" for source, seq in last.items()), self._rows[case]
            if row is not None:
                row.heard = heard
            elif heard:
                PLACES.add(tx, Place(case, heard))


def heard_of(look: Look, cases: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Of these cases the last number of each source; a case of which nothing was heard is missing."""
    return {row.case_id: numbers(row.heard) for row in look.all(_HEARD, cases=cases)}


def numbers(heard: str) -> dict[str, int]:
    """The last number of each source, from a row of `position`."""
    return {source: int(seq) for source, _, seq in (part.rpartition(":") for part in heard.split())}
