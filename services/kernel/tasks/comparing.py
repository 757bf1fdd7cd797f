"""The nightly comparison with each unit's system: what we have, what it has, and what is done about it.

    our open tasks, one question each ─┐
    its own list, where it gives one ──┴─▶ verdicts.toml ─▶ healed by rule | a person's, on the page

Of several processes one compares a unit: whoever writes down first that it has begun. A run that was cut
short is begun anew the next night, or when somebody asks for it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, bindparam, func, select, text, update

from services.domain.sealing import Keyring
from services.kernel import metrics
from services.kernel.columns import UtcDateTime, table
from services.kernel.logs import logger
from services.kernel.sql import Sql
from services.kernel.store import Looking, Store
from services.kernel.tasks.compared import OPEN, RUNS, Run, TaskComparison, TaskDifference
from services.kernel.tasks.healing import Found, weigh
from services.kernel.tasks.models import UNFINISHED, Task
from services.kernel.tasks.questions import NoList, Questions, Theirs
from services.kernel.tx import Tx

log = logger("kernel.tasks")
NIGHT: Final = range(1, 6)  # the city's hours in which it begins by itself
APART: Final = timedelta(hours=12)  # between two that begin by themselves
YOUNG: Final = timedelta(minutes=10)  # a task this new is under way, and no difference yet
PAGE: Final = 50  # tasks in one transaction
SILENT: Final = 5  # questions without an answer, one after the other, that end a run
_TASK, _DIFFERENCE, _RUN = table(Task), table(TaskDifference), table(TaskComparison)
_OURS: Final = Sql(
    select(_TASK.c.key)
    .where(_TASK.c.unit == bindparam("of_unit"), text(UNFINISHED), _TASK.c.via == "http")
    .where(_TASK.c.key > bindparam("beyond"), _TASK.c.routed_at < bindparam("before", type_=UtcDateTime))
    .order_by(_TASK.c.key)
    .limit(bindparam("most", type_=Integer))
)
_RUNS: Final = Sql(select(_RUN.c.unit, _RUN.c.wanted_at, _RUN.c.begun_at, _RUN.c.ended_at))
_COUNTS: Final = Sql(
    select(_DIFFERENCE.c.unit, func.count().label("rows"))
    .where(text(OPEN))
    .group_by(_DIFFERENCE.c.unit)
)  # fmt: skip
_SETTLE: Final = (
    update(_DIFFERENCE)
    .where(_DIFFERENCE.c.unit == bindparam("of_unit"), text(OPEN))
    .where(_DIFFERENCE.c.seen_at < bindparam("begun", type_=UtcDateTime))
    .values(settled_at=bindparam("at", type_=UtcDateTime), settled_by="rule")
)
_GONE: Final = Sql(_SETTLE)
_FINISHED: Final = select(_TASK.c.key).where(
    _TASK.c.unit == bindparam("of_unit"), _TASK.c.finished_at.is_not(None)
)
_OVER: Final = Sql(_SETTLE.where(_DIFFERENCE.c.key.in_(_FINISHED)))


@dataclass(frozen=True)
class Comparer:
    """`units`: those of this service that have a system we can ask; `zone`: the city's clock."""

    service: str
    store: Store
    keyring: Keyring
    questions: Questions
    units: Sequence[str]
    zone: str

    async def round(self) -> None:
        """Compare every unit whose turn it is, all of them together, and say how much differs."""
        now = self.store.now()
        runs = {row.unit: row for row in await self.store.read(lambda look: look.all(_RUNS))}
        due = [unit for unit in self.units if self._due(runs.get(unit), now)]
        await asyncio.gather(*(self._unit(unit) for unit in due))
        counts, ends = await self.store.read(_figures)
        for unit in self.units:
            metrics.DRIFT.labels(self.service, unit).set(counts.get(unit, 0))
            if (ended := ends.get(unit)) is not None:
                metrics.COMPARED.labels(self.service, unit).set(ended.timestamp())

    def _due(self, run: "Run | object | None", now: datetime) -> bool:
        begun = getattr(run, "begun_at", None)
        wanted = getattr(run, "wanted_at", None)
        if wanted is not None and (begun is None or wanted > begun):
            return True
        night = now.astimezone(ZoneInfo(self.zone)).hour in NIGHT
        return night and (begun is None or now - begun > APART)

    async def _unit(self, unit: str) -> None:
        begun = await self.store.run(partial(self._begin, unit=unit), RUNS.want(unit))
        if begun is None:
            return  # another process was first
        run = await self._compared(unit, begun)
        await self.store.run(partial(_end, run=run), RUNS.want(unit))
        log.info("compared", unit=unit, asked=run.asked, healed=run.healed, person=run.person)

    def _begin(self, tx: Tx, *, unit: str) -> datetime | None:
        run = RUNS.get(tx, unit)
        if not self._due(run, tx.now):
            return None
        run = run or RUNS.add(tx, Run(unit))
        run.begun_at = tx.now
        return tx.now

    async def _compared(self, unit: str, begun: datetime) -> Run:
        run, key, silent = Run(unit, begun_at=begun), "", 0
        while silent < SILENT:
            ours = await self.store.read(partial(_page, unit=unit, beyond=key, before=begun - YOUNG))
            if not ours:
                break
            answers = []
            for key in ours:
                state = await self.questions.state(unit, key)
                silent = 0 if state is not None else silent + 1
                run.asked, run.unanswered = run.asked + 1, run.unanswered + (state is None)
                if state is not None:
                    answers.append(Theirs(key, state))
                if silent == SILENT:
                    break
            await self._weighed(unit, run, answers, listed=False)
        try:
            async for listed in self.questions.listed(unit):
                await self._weighed(unit, run, listed, listed=True)
            run.listed = True
        except NoList:
            pass
        return run

    async def _weighed(self, unit: str, run: Run, answers: Sequence[Theirs], *, listed: bool) -> None:
        for start in range(0, len(answers), PAGE):
            part = answers[start : start + PAGE]
            found: Found = await self.store.run(
                lambda tx, part=part: weigh(tx, self.keyring, unit, part, listed=listed)  # type: ignore[misc]
            )
            run.same, run.healed = run.same + found.same, run.healed + found.healed
            run.person += found.person


def want(tx: Tx, unit: str) -> None:
    """Have this unit compared within a minute."""
    run = RUNS.get(tx, unit) or RUNS.add(tx, Run(unit))
    run.wanted_at = tx.now


def _end(tx: Tx, *, run: Run) -> None:
    kept = RUNS.get(tx, run.unit)
    if kept is None or kept.begun_at != run.begun_at:
        return
    for one in fields(Run):
        if one.name not in ("unit", "wanted_at", "ended_at"):
            setattr(kept, one.name, getattr(run, one.name))
    kept.ended_at = tx.now
    if run.listed and not run.unanswered:  # what was not seen again is gone; else nobody can say
        tx.run(_GONE, of_unit=run.unit, begun=run.begun_at, at=tx.now)
    else:
        tx.run(_OVER, of_unit=run.unit, begun=run.begun_at, at=tx.now)


def _page(look: Looking, unit: str, beyond: str, before: datetime) -> list[str]:
    return [row.key for row in look.all(_OURS, of_unit=unit, beyond=beyond, before=before, most=PAGE)]


def _figures(look: Looking) -> tuple[dict[str, int], dict[str, datetime]]:
    counts = {row.unit: row.rows for row in look.all(_COUNTS)}
    return counts, {row.unit: row.ended_at for row in look.all(_RUNS) if row.ended_at is not None}
