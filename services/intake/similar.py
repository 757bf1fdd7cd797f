"""Nearly the same text among the newest cases: bands propose, the sealed records decide.

What is stored of a text are keyed numbers (domain/similarity.py), from which no word can be read or tried.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, select, union_all

from services.domain.city import City
from services.domain.sealing import Keyring, Sealed
from services.domain.similarity import BANDS, Grams, bands, grams, similarity
from services.intake.models import BandRow
from services.kernel.columns import table
from services.kernel.sql import Look, Sql
from services.kernel.tx import Tx

EACH: Final = 12  # newest cases that one band proposes
COMPARED: Final = 10  # cases whose record is opened
SHOWN: Final = 5
_BAND: Final = table(BandRow)
_FORGET: Final = Sql(delete(_BAND).where(_BAND.c.case_id == bindparam("of_case")))


def _branch(number: int):  # type: ignore[no-untyped-def]
    newest = (
        select(_BAND.c.case_id)
        .where(_BAND.c.band == bindparam(f"band{number}"), _BAND.c.case_id > bindparam("since"))
        .order_by(_BAND.c.case_id.desc())
        .limit(bindparam("each", type_=Integer))
    )
    return select(newest.subquery())


_PROPOSED: Final = Sql(union_all(*(_branch(number) for number in range(BANDS))))


@dataclass(frozen=True, slots=True)
class Texts:
    """Compares texts for one city with one key ring."""

    city: City
    keyring: Keyring

    def grams(self, text: str | None) -> Grams:
        return grams(text or "", self.city.employer_names.simplified)

    def bands_of(self, case_id: UUID, record: str | None) -> frozenset[int]:
        """What is stored of the text in a sealed record; empty for a short one."""
        return frozenset(bands(self._read(case_id, record), self.keyring.blind_index))

    def proposed(self, look: Look, of: Grams, now: datetime) -> list[UUID]:
        """Cases that may have a similar text, those with most bands in common first."""
        since = first_id(now - timedelta(days=self.city.clusters.similar.days))
        found: Counter[UUID] = Counter()
        for key in range(len(self.keyring.blind_indexes(""))):
            values = bands(of, lambda text, key=key: self.keyring.blind_indexes(text)[key])  # type: ignore[misc]
            if values:
                named = {f"band{number}": value for number, value in enumerate(values)}
                found.update(row.case_id for row in look.all(_PROPOSED, **named, since=since, each=EACH))
        return [case_id for case_id, _ in found.most_common(COMPARED)]

    def alike(self, of: Grams, records: Iterable[tuple[UUID, str | None]]) -> list[tuple[UUID, float]]:
        """Of these cases with their sealed records those that are similar enough, the most similar first."""
        least = self.city.clusters.similar.least
        compared = ((case_id, similarity(of, self._read(case_id, record))) for case_id, record in records)
        return sorted((one for one in compared if one[1] >= least), key=lambda one: -one[1])[:SHOWN]

    def _read(self, case_id: UUID, record: str | None) -> Grams:
        try:
            return self.grams(json.loads(self.keyring.open(record or "", case_id, "record"))["text"])
        except Sealed:
            return frozenset()


def keep(tx: Tx, case_id: UUID, of: Iterable[int]) -> None:
    """Let the text of these bands be found."""
    for band in of:
        tx.insert(BandRow, band=band, case_id=case_id)


def forget(tx: Tx, case_id: UUID) -> None:
    tx.run(_FORGET, of_case=case_id)


def first_id(at: datetime) -> UUID:
    """The smallest id that a case of this instant may have: ids grow with time (UUIDv7)."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
