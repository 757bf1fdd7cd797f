"""Fills intake's store: the rows that intake would have written, without events that nobody would hear."""

import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final

from services.domain.city import City
from services.domain.sealing import Keyring
from services.intake.author import Author
from services.intake.models import CaseRow, ClusterCaseRow
from services.intake.scribe import Scribe, Written
from services.intake.similar import Texts, keep
from services.kernel.store import Store, Tx
from services.kernel.surroundings import Surroundings
from tools.check_speed.cases import cases

BATCH: Final = 500
DAYS: Final = 50  # 4,000 calls a day
AUTHOR: Final = Author("agent", "10543", staff_number="10543")


class Calendar:
    """The clock of what is past."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


async def fill(store: Store, city: City, keyring: Keyring, number: int, now: datetime) -> float:
    """Write `number` cases, spread over the last DAYS; the seconds it took."""
    began, chance = time.monotonic(), random.Random(5)
    clock = Calendar(now - timedelta(days=DAYS))
    scribe = Scribe(city, keyring, Surroundings(clock, chance))
    step, given = timedelta(days=DAYS) / number, cases(city)
    for start in range(0, number, BATCH):
        written = []
        for case in islice(given, min(BATCH, number - start)):
            clock.at += step
            written.append(scribe.write(case, AUTHOR))
        await store.run(
            partial(
                _write, written=written, closed=[chance.random() < 0.6 for _ in written], texts=scribe.texts
            )
        )
        if start % 20_000 == 0:
            print(f"  {start:>7,} written", flush=True)
    return time.monotonic() - began


def _write(tx: Tx, written: Sequence[Written], closed: Sequence[bool], texts: Texts) -> None:
    for one, is_closed in zip(written, closed, strict=True):
        case_id, at = one.event.case_id, one.event.at
        state = {"status": "closed" if is_closed else "in_progress"}
        tx.insert(CaseRow, **one.row | state, closed_at=at + timedelta(days=1) if is_closed else None)
        keep(tx, case_id, texts.bands_of(case_id, one.event.record))
        if (of := one.membership) is None:
            continue
        for key in of.keys:
            tx.insert(
                ClusterCaseRow, key=key, case_id=case_id, at=at, caller=of.caller, workers=of.workers,
                amount_owed_fen=of.amount_owed_fen,
            )  # fmt: skip
