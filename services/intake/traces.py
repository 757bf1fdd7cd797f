"""Traces of texts (`BandRow`), by which similar ones are found, are left a moment after the text was written.

Nobody who writes a case down waits for them: they are a third of its work, and serve whoever asks next. What
is owed stands in a table of its own, so that a crash forgets none; replicas share it.
"""

import asyncio
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, select

from services.intake.models import CaseRow, UntracedRow
from services.intake.similar import Texts, forget, keep
from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.eventlog import Record
from services.kernel.sql import Sql
from services.kernel.store import Store
from services.kernel.tx import Tx

EVERY: Final = 0.25  # seconds between two looks at whether anything is owed
BITE: Final = 10  # texts in one transaction: a millisecond or two, for which writers wait
PAUSE: Final = 0.1  # seconds between two bites: a hundred texts a second, ten times the calls of a large city
RUSH: Final = 20  # events said since the last bite, from which on writers need the processor more
RARER: Final = 5  # times as long is the pause then
_OWED, _CASES = table(UntracedRow), table(CaseRow)
_NEXT: Final = (
    select(_OWED.c.case_id)
    .order_by(_OWED.c.case_id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_TAKE: Final = Sql(delete(_OWED).where(_OWED.c.case_id.in_(_NEXT)).returning(_OWED.c.case_id))
_SETTLE: Final = Sql(delete(_OWED).where(_OWED.c.case_id == bindparam("of_case")))
# Locked, or a text that is erased meanwhile by another process would leave traces after its erasure.
_RECORDS: Final = Sql(
    select(_CASES.c.case_id, _CASES.c.record)
    .where(among(_CASES.c.case_id, "cases"))
    .order_by(_CASES.c.case_id)
    .with_for_update()
)


def owe(tx: Tx, case_id: UUID) -> None:
    """The text of a new case is to be traced."""
    tx.insert(UntracedRow, case_id=case_id)


def owe_again(tx: Tx, case_id: UUID) -> None:
    """The text has changed: the old one is not found any more, the new one is in a moment."""
    efface(tx, case_id)
    owe(tx, case_id)


def efface(tx: Tx, case_id: UUID) -> None:
    """Nobody finds this text any more."""
    forget(tx, case_id)
    tx.run(_SETTLE, of_case=case_id)


class Traces:
    """One per store: leaves what is owed, in small bites."""

    def __init__(self, store: Store, texts: Texts) -> None:
        self._store, self._texts = store, texts
        self._owed = True  # a process that is gone may have left some
        self._said = 0  # events since the last bite
        store.on_commit.append(self._committed)

    async def round(self) -> None:
        """Leave everything that is owed now."""
        while self._owed:
            self._owed = False
            try:
                self._owed |= await self._store.run(self._bite)
            except BaseException:
                self._owed = True
                raise
            rush, self._said = self._said > RUSH, 0
            await asyncio.sleep(PAUSE * RARER if rush else PAUSE)

    def _committed(self, records: list[Record], _requests: int) -> None:
        self._owed = self._owed or bool(records)
        self._said += len(records)

    def _bite(self, tx: Tx) -> bool:
        """Whether there may be more."""
        cases = [row.case_id for row in tx.change(_TAKE, most=BITE)]
        for row in tx.all(_RECORDS, cases=cases) if cases else ():
            keep(tx, row.case_id, self._texts.bands_of(row.case_id, row.record))
        return len(cases) == BITE
