"""What people do to a clock: it stands still, goes on, or gets more time. What is refused says why.

An extension needs somebody who may approve it, a reason and, where the article says so, the notice to the
caller: `DeadlineExtended` brings it to the notifier.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.domain import clock_acts
from services.domain.clocks import RunningClock
from services.domain.events import DeadlineExtended, DeadlinePaused, DeadlineResumed
from services.domain.periods import Clock
from services.domain.refusals import Refusal
from services.kernel.place import PLACES
from services.kernel.problem import Problem
from services.kernel.tx import Tx
from services.router.cases import CASES
from services.router.clocks import CLOCKS, Row
from services.router.models import KINDS
from services.router.periods import Periods


@dataclass(frozen=True)
class Change:
    """One change by a person. `sees`: whether the clocks of a unit, or of the hotline (None), are theirs."""

    periods: Periods
    case_id: UUID
    clock_id: UUID
    by: str
    sees: Callable[[str | None], bool]

    def pause(self, tx: Tx, reason: str) -> None:
        """Raises Problem: not-found, or a `clock-*` of problems.toml."""
        row, definition = self._row(tx)
        self._take(tx, row, lambda: clock_acts.pause(row.value(definition), tx.now, reason))
        ground = definition.ground(reason)
        tx.put(
            DeadlinePaused(
                case_id=row.case_id, at=tx.now, by=self.by, clock=row.clock, reason=reason,
                article=ground.article if ground else row.article, unit=row.unit,
            )
        )  # fmt: skip

    def resume(self, tx: Tx) -> None:
        row, definition = self._row(tx)
        calendar = self.periods.calendar
        self._take(tx, row, lambda: clock_acts.resume(row.value(definition), tx.now, calendar))
        tx.put(
            DeadlineResumed(
                case_id=row.case_id, at=tx.now, by=self.by, clock=row.clock, due=row.due,
                article=row.article, unit=row.unit, provisional=row.provisional,
            )
        )  # fmt: skip

    def extend(self, tx: Tx, amount: int | None, reason: str, note: str | None) -> None:
        """By `amount` of the clock's unit, by default all that is left. `note`: sealed for `task`."""
        row, definition = self._row(tx)
        calendar = self.periods.calendar
        self._take(
            tx, row,
            lambda: clock_acts.extend(row.value(definition), tx.now, self.by, reason, calendar, amount),
        )  # fmt: skip
        article = definition.extension.article if definition.extension else row.article
        tx.put(
            DeadlineExtended(
                case_id=row.case_id, at=tx.now, by=self.by, clock=row.clock, due=row.due, article=article,
                approved_by=self.by, reason=reason, note=note, unit=row.unit, provisional=row.provisional,
            )
        )  # fmt: skip

    def _row(self, tx: Tx) -> tuple[Row, Clock]:
        """The clock, with its case locked before it as everybody does it."""
        PLACES.load(tx, (self.case_id,))
        case, row = CASES.get(tx, self.case_id), CLOCKS.get(tx, self.clock_id)
        if case is None or row is None or row.case_id != self.case_id or not self.sees(row.unit or case.unit):
            raise Problem.of("not-found")
        definition = self.periods.by_id.get(row.clock)
        if definition is None:
            raise problem("clock-unknown")
        return row, definition

    def _take(self, tx: Tx, row: Row, change: Callable[[], RunningClock]) -> None:
        try:
            row.take(change())
        except Refusal as refused:
            raise refused_clock(refused) from None
        row.told, row.next_at = True, self.periods.next_at(row, tx.now)


def problem(slug: str) -> Problem:
    kind = KINDS[slug]
    return Problem(slug, kind.status, kind.zh, kind.en, kind.retryable)


def refused_clock(refused: Refusal) -> Problem:
    """The refusal in its own words, with the status of its problem type."""
    return Problem(refused.code, KINDS[refused.code].status, refused.zh, refused.en)
