"""Fills an adapter's store with tasks as a busy city has them: many open, many more finished, all units."""

import json
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from services.domain.events import CaseRouted
from services.domain.sealing import Keyring
from services.kernel.store import Store, Tx
from services.kernel.surroundings import Surroundings
from services.kernel.tasks.life import State
from services.kernel.tasks.models import Task, row_of

BATCH: Final = 500
DAYS: Final = 120
OPEN: Final = (State.DELIVERED, State.ACCEPTED, State.IN_PROGRESS, State.OPEN, State.BY_HAND)
WEIGHTS: Final = (40, 25, 25, 8, 2)
ENDED: Final = (State.COMPLETED, State.COMPLETED, State.COMPLETED, State.OBJECTED, State.WITHDRAWN)
TEXT: Final = "包工头拖欠我们班组三个月的工资，多次去项目部要都说甲方没有付款，电话也不接，希望尽快处理。" * 4


async def fill(
    store: Store, keyring: Keyring, units: Sequence[str], numbers: tuple[int, int], around: Surroundings
) -> None:
    """Write `numbers` tasks: so many open, so many finished."""
    chance, now = random.Random(7), around.now()
    for count, is_open in zip(numbers, (True, False), strict=True):
        for start in range(0, count, BATCH):
            rows = [
                _row(chance, keyring, units, now, is_open, around) for _ in range(min(BATCH, count - start))
            ]
            await store.run(partial(_write, rows=rows))


def _write(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    for row in rows:
        tx.insert(Task, **row)


def _row(
    chance: random.Random, keyring: Keyring, units: Sequence[str], now: datetime, is_open: bool,
    around: Surroundings,
) -> Mapping[str, object]:  # fmt: skip
    case_id, at = around.new_id(), now - timedelta(minutes=chance.randrange(DAYS * 1440))
    record = keyring.seal("task", case_id, "record", json.dumps(_record(chance)), around.random.randbytes)
    urgent = chance.random() < 0.05
    event = CaseRouted(
        case_id=case_id, at=at, number=f"{chance.getrandbits(55):011X}"[:11], kind="wage_arrears",
        unit=chance.choice(units), unit_name="x", service="inspection", district="320115", rule="r",
        version="1", reason={}, urgency="urgent" if urgent else "normal", record=record,
        accept_by=at + (timedelta(minutes=30) if urgent else timedelta(days=7)),
    )  # fmt: skip
    state = chance.choices(OPEN, WEIGHTS)[0] if is_open else chance.choice(ENDED)
    finished = None if is_open else at + timedelta(days=chance.randint(1, 60))
    return {**row_of(event, str(around.new_id()), "worklist", at), "state": state, "finished_at": finished}


def _record(chance: random.Random) -> dict[str, object]:
    return {
        "text": TEXT[: chance.randrange(20, len(TEXT))],
        "caller": {"name": "测试人", "phone": f"+861390000{chance.randrange(10_000):04}", "residence": None},
        "employer": {"name": "测试建筑劳务有限公司", "work_address": "江宁区天元西路599号", "address": None},
        "amount_owed": chance.randrange(500, 60_000), "workers_affected": chance.randint(1, 30),
        "kind": "wage_arrears", "report_type": "complaint", "channel": "phone",
    }  # fmt: skip
