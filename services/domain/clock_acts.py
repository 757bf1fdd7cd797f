"""What is done to a clock: started, paused, resumed, extended, met, missed, lapsed. Time is an argument.

Facts (met, lapsed) are taken as they come. What people decide (pause, resume, extend) is refused where the
city's tables or the clock's state do not allow it; every Refusal names the clock.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from services.domain.caller_events import NO_RESULT
from services.domain.clock_course import due
from services.domain.clocks import Act, Extended, Pause, RunningClock, State
from services.domain.events import CallerInformed, Event
from services.domain.periods import Clock
from services.domain.work_calendar import WorkCalendar


def start(definition: Clock, at: datetime, calendar: WorkCalendar, urgent: bool = False) -> RunningClock:
    """A clock that runs from `at` (aware). Refusal `outside-calendar` beyond the years that are laid out."""
    if at.tzinfo is None:
        raise ValueError("a clock needs a moment with its zone")
    started = at.astimezone(UTC)
    clock = RunningClock(definition, definition.amount, started, started, False, urgent)
    return _with_due(clock, calendar)


def pause(clock: RunningClock, at: datetime, reason: str) -> RunningClock:
    """It stands still from `at`. Refusal `clock-pause-not-allowed` for a reason that its table lacks."""
    state = clock.after(Act.PAUSE)
    clock.require_time_left(at, Act.PAUSE)
    if clock.definition.ground(reason) is None:
        raise clock.refusal("clock-pause-not-allowed", "不能因此暂停。", "cannot be paused for this reason.")
    return replace(clock, state=state, pauses=(*clock.pauses, Pause(at.astimezone(UTC), None, reason)))


def resume(clock: RunningClock, at: datetime, calendar: WorkCalendar) -> RunningClock:
    """It goes on, and ends later by what it stood still."""
    state = clock.after(Act.RESUME)
    clock.require_time_left(at, Act.RESUME)
    return _with_due(replace(_gone_on(clock, at), state=state), calendar)


def extend(
    clock: RunningClock,
    at: datetime,
    approved_by: str,
    reason: str,
    calendar: WorkCalendar,
    amount: int | None = None,
) -> RunningClock:
    """More time, before the old has run out; `amount` in the clock's unit, by default all that is left.

    Refusals: `clock-extension-not-allowed` where no article gives any, `clock-extension-too-long` beyond what
    it gives, `clock-approval-missing` without an approver or a reason.
    """
    state = clock.after(Act.EXTEND)
    clock.require_time_left(at, Act.EXTEND)
    allowed = clock.definition.extension
    if allowed is None:
        raise clock.refusal(
            "clock-extension-not-allowed", "没有延长的依据。", "may not be extended by any article."
        )
    if not approved_by.strip() or not reason.strip():
        raise clock.refusal(
            "clock-approval-missing",
            f"延长须经{allowed.approved_by}批准并说明理由。",
            f"is extended only with the approval of {allowed.approved_by_en} and a reason.",
        )
    left = allowed.amount - clock.extended
    more = left if amount is None else amount
    if not 0 < more <= left:
        raise clock.refusal(
            "clock-extension-too-long",
            f"还可延长 {left}，依据{allowed.article}。",
            f"can be extended by {left} more at most ({allowed.article}).",
        )
    extensions = (*clock.extensions, Extended(at.astimezone(UTC), more, approved_by, reason))
    return _with_due(replace(clock, state=state, extensions=extensions), calendar)


def meet(clock: RunningClock, at: datetime, calendar: WorkCalendar) -> RunningClock:
    """What had to be done was done `at`; RunningClock.late says whether in time. A pause ends with it."""
    met = clock.ended(Act.MEET, at)
    return _with_due(_gone_on(met, at), calendar) if clock.state is State.PAUSED else met


def lapse(clock: RunningClock, at: datetime) -> RunningClock:
    """Nothing is to be done any more: the case was closed, held or given to another unit."""
    return clock.ended(Act.LAPSE, at)


def miss(clock: RunningClock, at: datetime) -> RunningClock:
    """It ran out. Refusal `clock-not-due` before that."""
    state = clock.after(Act.MISS)
    if at < clock.due:
        raise clock.refusal("clock-not-due", "还没有到期。", "has not run out yet.")
    return replace(clock, state=state, missed_at=at)


def verdict(event: Event, definition: Clock) -> Literal["met", "lapsed"] | None:
    """What a fact does to a clock. To be told that a case was received, or takes longer, is no result."""
    if isinstance(event, CallerInformed) and event.about in NO_RESULT:
        return None
    name = type(event).__name__
    return "met" if name in definition.stops else "lapsed" if name in definition.lapses else None


def _gone_on(clock: RunningClock, at: datetime) -> RunningClock:
    *earlier, last = clock.pauses
    ended = replace(last, until=max(at.astimezone(UTC), last.since))
    return replace(clock, pauses=(*earlier, ended))


def _with_due(clock: RunningClock, calendar: WorkCalendar) -> RunningClock:
    at, provisional = due(clock, calendar)
    return replace(clock, due=at, provisional=provisional)
