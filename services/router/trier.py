"""Carries dry runs out: in slices, each read, decided in a thread and written down by itself.

A case is a few hundred bytes and a slice some hundred cases, whatever the run's length. A run that was broken
off goes on where it was when its lease has ended, also in another process.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from services.domain.routing_rules import Rules
from services.kernel.faults import place_of
from services.kernel.logs import logger
from services.kernel.problem import Problem
from services.kernel.sql import Look
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.router import editions
from services.router.book import Book
from services.router.dry_runs import (
    MOVES,
    RUNS,
    UNDER_WAY,
    Course,
    RouterDryRun,
    RouterDryRunCase,
    Run,
    first_in,
    forget,
    runs_of,
)
from services.router.editions import Edition
from services.router.models import problem
from services.router.past_cases import SLICE, Slice, count, differences, following

SLICES: Final = 20  # in one round: between two rounds a process may stop
LEASE: Final = timedelta(seconds=60)
NOWHERE: Final = UUID(int=0)
log = logger("router.dry_run")


@dataclass(frozen=True)
class Trier:
    """Does the runs that wait, one after the other."""

    store: Store
    book: Book
    slice_size: int = SLICE

    async def round(self) -> None:
        """A few slices of one run; what a newer run replaced is deleted."""
        old = await self.store.read(partial(first_in, course=Course.REPLACED))
        if old is not None:
            await self.store.run(partial(forget, run=old))
        wanted = await self.store.read(_candidate)
        run = await self.store.run(partial(_claim, number=wanted)) if wanted is not None else None
        if run is None:
            return
        try:
            await self._go_on(run)
        except Exception as error:
            log.error("routing.dry_run_failed", run=run.id, error=place_of(error))
            await self.store.run(partial(_end, run=run.id, course=Course.FAILED))

    async def _go_on(self, run: Run) -> None:
        old, new = await self._rules(run.against), await self._rules(run.edition)
        if run.began_at is None:
            total = await self.store.read(partial(count, since=run.since, until=run.until))
            await self.store.run(partial(_begin, run=run.id, total=total))
        at, case = run.last_at, run.last_case
        for _ in range(SLICES):
            past = await self.store.read(
                partial(following, until=run.until, at=at, case=case, most=self.slice_size)
            )
            moves = await asyncio.to_thread(differences, old, new, past)
            slice_ = Slice(case, past, moves)
            if not await self.store.run(partial(_settle, run=run.id, done=slice_)):
                return
            at, case = past[-1].received_at, past[-1].case_id
        await self.store.run(partial(_leave, run=run.id))

    async def _rules(self, number: int) -> Rules:
        edition = await self.store.read(partial(editions.read, number=number))
        if edition is None:
            raise LookupError("the edition is gone")
        city = await asyncio.to_thread(self.book.city_of, edition)
        return city.routing


def ask(tx: Tx, edition: Edition, against: int, days: int, by: str) -> None:
    """Let the draft be tried on the cases of the last `days`. Problem `dry-run-busy` while one goes on."""
    for number, course in runs_of(tx, edition.number).items():
        earlier = RUNS.get(tx, number)
        if course in UNDER_WAY:
            raise problem("dry-run-busy")
        if earlier is not None:
            earlier.course = Course.REPLACED.value
    since = tx.now - timedelta(days=days)
    tx.insert(
        RouterDryRun, edition=edition.number, revision=edition.revision, against=against, days=days,
        since=since, until=tx.now, course=Course.WAITING.value, total=0, seen=0, changed=0, moves="{}",
        last_at=since, last_case=NOWHERE, by=by, asked_at=tx.now, began_at=None, ended_at=None,
        lease_until=None,
    )  # fmt: skip


def stop(tx: Tx, edition: int) -> None:
    """End the run that goes on; what it has found stays. Problem not-found when there is none."""
    number = next((one for one, course in runs_of(tx, edition).items() if course in UNDER_WAY), None)
    if number is None:
        raise Problem.of("not-found")
    _end(tx, number, Course.STOPPED)


def _candidate(look: Look) -> int | None:
    running = first_in(look, Course.RUNNING)
    return first_in(look, Course.WAITING) if running is None else running


def _claim(tx: Tx, number: int) -> Run | None:
    run = RUNS.get(tx, number)
    if run is None or run.course not in UNDER_WAY or (run.lease_until and run.lease_until > tx.now):
        return None
    run.course, run.lease_until = Course.RUNNING.value, tx.now + LEASE
    return run


def _begin(tx: Tx, run: int, total: int) -> None:
    row = RUNS.get(tx, run)
    if row is not None:
        row.total, row.began_at = total, tx.now


def _leave(tx: Tx, run: int) -> None:
    """Let whoever comes next go on."""
    row = RUNS.get(tx, run)
    if row is not None:
        row.lease_until = None


def _settle(tx: Tx, run: int, done: Slice) -> bool:
    """Write a slice down, unless somebody else has; whether there may be more to do."""
    row, past, moves = RUNS.get(tx, run), done.past, done.moves
    if row is None or row.course != Course.RUNNING or row.last_case != done.after:
        return False
    if not past:
        _end(tx, run, Course.DONE)
        return False
    for place, move in enumerate(moves, row.changed + 1):
        tx.insert(
            RouterDryRunCase, run=run, place=place, case_id=move.case.case_id, number=move.case.number,
            kind=move.case.kind, was=move.was, was_rule=move.was_rule, now=move.now, now_rule=move.now_rule,
        )  # fmt: skip
    counted = Counter(MOVES.validate_json(row.moves)) + Counter(f"{one.was}>{one.now}" for one in moves)
    row.moves = MOVES.dump_json(dict(counted)).decode()
    row.seen, row.changed = row.seen + len(past), row.changed + len(moves)
    row.last_at, row.last_case = past[-1].received_at, past[-1].case_id
    row.lease_until = tx.now + LEASE
    return True


def _end(tx: Tx, run: int, course: Course) -> None:
    row = RUNS.get(tx, run)
    if row is not None and row.course in UNDER_WAY:
        row.course, row.ended_at, row.lease_until = course.value, tx.now, None
