"""What may be done with a clock: the table of transitions, and what is refused."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from services.domain.clock_acts import extend, lapse, meet, miss, pause, resume, start
from services.domain.clock_course import next_signal
from services.domain.clocks import ACT_NAMES, STATE_NAMES, TRANSITIONS, Act, RunningClock, State
from services.domain.refusals import Refusal
from tests.domain.nanjing_time import CALENDAR, CITY, local, running

BEGAN = "2026-03-02 10:00"
SOON = local("2026-03-03 10:00")
OVER = local("2026-03-09 17:30")  # the end of acceptance, 5 working days
WAITING = "waiting_for_caller"


def clock_in(state: State) -> RunningClock:
    clock = running("acceptance", BEGAN)
    match state:
        case State.PAUSED:
            return pause(clock, SOON, WAITING)
        case State.MISSED:
            return miss(clock, OVER)
        case State.MET:
            return meet(clock, SOON, CALENDAR)
        case State.LAPSED:
            return lapse(clock, SOON)
    return clock


def done(clock: RunningClock, act: Act, at: datetime) -> RunningClock:
    match act:
        case Act.PAUSE:
            return pause(clock, at, WAITING)
        case Act.RESUME:
            return resume(clock, at, CALENDAR)
        case Act.EXTEND:
            return extend(clock, at, "20001", "complex_case", CALENDAR)
        case Act.MEET:
            return meet(clock, at, CALENDAR)
        case Act.MISS:
            return miss(clock, at)
        case Act.LAPSE:
            return lapse(clock, at)


@pytest.mark.parametrize(("state", "act"), [*product(State, Act)])
def test_the_table_says_what_may_be_done(state: State, act: Act) -> None:
    clock = clock_in(state)
    longer = CITY.clock("investigation").extension
    clock = replace(clock, definition=clock.definition.model_copy(update={"extension": longer}))
    at = OVER if act is Act.MISS else SOON + timedelta(minutes=1)
    expected = TRANSITIONS.get((state, act))
    if expected is not None:
        assert done(clock, act, at).state is expected
    else:
        with pytest.raises(Refusal) as refused:
            done(clock, act, at)
        assert refused.value.code == "clock-not-allowed"
        assert STATE_NAMES[state].zh in refused.value.zh
        assert ACT_NAMES[act].en in refused.value.en


def test_what_is_over_stays_over() -> None:
    assert not [row for row in TRANSITIONS if row[0] in (State.MET, State.LAPSED)]


REFUSED: list[tuple[str, Callable[[], RunningClock]]] = [
    ("clock-pause-not-allowed", lambda: pause(running("acceptance", BEGAN), SOON, "lunch")),
    ("clock-pause-not-allowed", lambda: pause(running("investigation", BEGAN), SOON, WAITING)),
    ("clock-overdue", lambda: pause(running("acceptance", BEGAN), OVER, WAITING)),
    (
        "clock-overdue",
        lambda: extend(running("petition", BEGAN), local("2026-06-01 10:00"), "1", "other", CALENDAR),
    ),
    ("clock-backwards", lambda: pause(running("acceptance", BEGAN), local("2026-03-02 09:59"), WAITING)),
    ("clock-backwards", lambda: resume(clock_in(State.PAUSED), SOON - timedelta(seconds=1), CALENDAR)),
    ("clock-not-due", lambda: miss(running("acceptance", BEGAN), OVER - timedelta(microseconds=1))),
    (
        "clock-extension-not-allowed",
        lambda: extend(running("acceptance", BEGAN), SOON, "1", "other", CALENDAR),
    ),
    ("clock-approval-missing", lambda: extend(running("petition", BEGAN), SOON, " ", "other", CALENDAR)),
    ("clock-approval-missing", lambda: extend(running("petition", BEGAN), SOON, "1", "", CALENDAR)),
    (
        "clock-extension-too-long",
        lambda: extend(running("petition", BEGAN), SOON, "1", "other", CALENDAR, 31),
    ),
    ("clock-extension-too-long", lambda: extend(running("petition", BEGAN), SOON, "1", "other", CALENDAR, 0)),
]


@pytest.mark.parametrize(("code", "act"), REFUSED)
def test_a_refusal_is_a_sentence_in_both_languages_with_the_name_of_the_clock(
    code: str, act: Callable[[], RunningClock]
) -> None:
    with pytest.raises(Refusal) as refused:
        act()
    assert refused.value.code == code
    assert re.match("时限“.+”.+。$", refused.value.zh)
    assert re.match('The clock ".+" .+\\.$', refused.value.en)


def test_extensions_together_stay_within_the_article() -> None:
    clock = extend(running("petition", BEGAN), SOON, "20001", "complex_case", CALENDAR, 20)
    with pytest.raises(Refusal, match="10 more at most"):
        extend(clock, SOON, "20001", "complex_case", CALENDAR, 11)
    longest = extend(clock, SOON, "20001", "complex_case", CALENDAR)
    assert (longest.total, longest.extended) == (90, 30)


def test_a_moment_without_a_zone_starts_no_clock() -> None:
    with pytest.raises(ValueError, match="zone"):
        start(CITY.clock("acceptance"), datetime(2026, 3, 2, 10), CALENDAR)  # noqa: DTZ001


def test_a_clock_tells_whether_it_was_met_late() -> None:
    clock = running("acceptance", BEGAN)
    assert not meet(clock, OVER, CALENDAR).late
    assert meet(clock, OVER + timedelta(seconds=1), CALENDAR).late
    missed = miss(clock, OVER)
    assert meet(missed, OVER + timedelta(days=1), CALENDAR).late
    assert not meet(missed, OVER - timedelta(minutes=1), CALENDAR).late, (
        "it was heard of late, but done in time"
    )


def test_a_clock_that_is_met_while_it_stands_still_is_not_late() -> None:
    clock = meet(clock_in(State.PAUSED), local("2026-05-15 10:00"), CALENDAR)
    assert not clock.late
    assert clock.due > local("2026-05-15 10:00")


@pytest.mark.parametrize("act", [lambda clock: meet(clock, SOON, CALENDAR), lambda clock: lapse(clock, SOON)])
def test_a_clock_that_is_over_ends_when_it_ended(act: Callable[[RunningClock], RunningClock]) -> None:
    clock = running("acceptance", BEGAN)
    over = act(clock)
    assert (over.due, over.pauses) == (clock.due, clock.pauses)
    assert next_signal(over, CALENDAR, SOON) is None
