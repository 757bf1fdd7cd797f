"""What holds for every clock, whatever is done to it and whenever: found by chance, checked by counting."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from hypothesis import assume, example, given
from hypothesis import strategies as st

from services.domain.clock_acts import extend, lapse, meet, miss, pause, resume, start
from services.domain.clock_course import due, next_signal, reached, recomputed
from services.domain.clocks import RunningClock, State
from services.domain.periods import Clock, Extension, Ground, Unit
from services.domain.refusals import Refusal
from tests.domain.nanjing_time import CALENDAR, CITY, INVENTED_2027, known_until, moments

WAITING = "waiting_for_caller"
UNITS: Sequence[Unit] = ("minutes", "work_minutes", "working_days", "calendar_days")
MOMENT = timedelta(microseconds=1)
LATER = known_until(2026, INVENTED_2027)

Step = Callable[[RunningClock, datetime], RunningClock]
STEPS: dict[str, Step] = {
    "pause": lambda clock, at: pause(clock, at, WAITING),
    "resume": lambda clock, at: resume(clock, at, CALENDAR),
    "extend": lambda clock, at: extend(clock, at, "20001", "complex_case", CALENDAR, 1),
    "meet": lambda clock, at: meet(clock, at, CALENDAR),
    "miss": miss,
    "lapse": lapse,
}
spans = st.timedeltas(timedelta(), timedelta(days=9)) | st.sampled_from(
    [timedelta(), MOMENT, timedelta(minutes=1), timedelta(hours=14), timedelta(days=1)]
)
courses = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), spans), max_size=12)


@st.composite
def definitions(draw: st.DrawFn) -> Clock:
    """Periods of every unit that may stand still and grow."""
    unit = draw(st.sampled_from(UNITS))
    amount = draw(st.integers(1, 12) if unit.endswith("days") else st.integers(1, 3000))
    shares = sorted(draw(st.sets(st.sampled_from((0.1, 0.3, 0.5, 0.8, 0.95)))))
    extension = Extension(amount=40, approved_by="负责人", approved_by_en="the head", article="—")
    update = {"unit": unit, "amount": amount, "approaching": tuple(shares), "extension": extension,
              "pauses": (Ground(reason=WAITING, article="—"),)}  # fmt: skip
    return CITY.clock("acceptance").model_copy(update=update)


def stood_still(clock: RunningClock) -> tuple[timedelta, timedelta]:
    """What was counted from start to end, and the period, both as the unit counts."""
    unit = clock.definition.unit
    begins = CALENDAR.midnight_after(clock.started_at) if unit.endswith("days") else clock.started_at
    one = {"working_days": CALENDAR.day_length, "calendar_days": timedelta(days=1)}.get(
        unit, timedelta(minutes=1)
    )

    def counted(since: datetime, until: datetime) -> timedelta:
        since, until = max(since, begins), max(until, begins)
        return CALENDAR.service_between(since, until) if unit.startswith("work") else until - since

    pauses = sum((counted(one.since, one.until) for one in clock.pauses if one.until), timedelta())
    return counted(begins, clock.due) - pauses, clock.total * one


@given(definitions(), moments, courses)
def test_an_end_never_moves_earlier_and_not_at_all_once_a_clock_is_over(
    definition: Clock, at: datetime, course: list[tuple[str, timedelta]]
) -> None:
    clock = start(definition, at, CALENDAR)
    for name, span in course:
        at += span
        before = clock
        try:
            clock = STEPS[name](before, at)
        except Refusal:
            continue
        assert clock.due >= before.due
        assert before.state not in (State.MET, State.LAPSED), "over is over"
        assert clock.due == before.due or before.state in (State.RUNNING, State.PAUSED)
        assert name != "resume" or clock.due > at, "it never ends while it stands still"
        assert due(clock, CALENDAR).at == clock.due or clock.state in (State.MISSED, State.MET, State.LAPSED)


@given(definitions(), moments, courses)
def test_at_least_the_period_is_left_and_only_whole_days_are_rounded_up(
    definition: Clock, at: datetime, course: list[tuple[str, timedelta]]
) -> None:
    clock = start(definition, at, CALENDAR)
    for name, span in course:
        at += span
        if name in ("pause", "resume", "extend"):
            try:
                clock = STEPS[name](clock, at)
            except Refusal:
                continue
    counted, period = stood_still(clock)
    assume(clock.state is State.RUNNING)
    match definition.unit:
        case "minutes" | "work_minutes":
            assert counted == period
        case "working_days":
            assert counted >= period
            assert counted < period + CALENDAR.day_length * (1 + len(clock.pauses))
        case "calendar_days":  # the last day ends with its service, at 17:30
            assert counted >= period - timedelta(hours=6, minutes=30)


@given(definitions(), moments, spans, spans, spans)
def test_two_pauses_without_a_break_count_as_one(
    definition: Clock, at: datetime, wait: timedelta, first: timedelta, second: timedelta
) -> None:
    clock = start(definition, at, CALENDAR)
    paused_at = at + wait
    assume(paused_at < clock.due)
    paused = pause(clock, paused_at, WAITING)
    once = resume(paused, paused_at + first + second, CALENDAR)
    again = pause(resume(paused, paused_at + first, CALENDAR), paused_at + first, WAITING)
    twice = resume(again, paused_at + first + second, CALENDAR)
    assert twice.due == once.due


@given(definitions(), moments, spans)
def test_a_pause_outside_the_hours_moves_no_working_day(
    definition: Clock, at: datetime, span: timedelta
) -> None:
    assume(definition.unit.startswith("work"))
    clock = start(definition, at, CALENDAR)
    since = at + span
    until = CALENDAR.next_open(since)
    assume(since < clock.due)
    assert resume(pause(clock, since, WAITING), until, CALENDAR).due == clock.due


@given(definitions(), moments, st.booleans(), spans, spans)
def test_signals_come_in_order_in_service_hours_and_end_with_the_end(
    definition: Clock, at: datetime, urgent: bool, wait: timedelta, pause_span: timedelta
) -> None:
    clock = start(definition, at, CALENDAR, urgent)
    if at + wait < clock.due:
        clock = resume(pause(clock, at + wait, WAITING), at + wait + pause_span, CALENDAR)
    moment, kinds = clock.started_at, []
    for _ in range(len(definition.approaching) + 1):
        signal = next_signal(clock, CALENDAR, moment)
        assert signal is not None
        kinds.append(signal.kind)
        assert urgent or definition.unit == "minutes" or CALENDAR.next_open(signal.at) == signal.at
        if signal.kind == "missed":
            assert signal.at >= clock.due
            break
        assert moment < signal.at < clock.due
        moment = signal.at
    assert kinds[-1] == "missed"
    assert kinds.count("missed") == 1


@given(definitions(), moments, spans, spans)
def test_a_share_reached_before_a_pause_stays_where_it_was(
    definition: Clock, at: datetime, wait: timedelta, span: timedelta
) -> None:
    clock = start(definition, at, CALENDAR)
    assume(at + wait < clock.due)
    later = resume(pause(clock, at + wait, WAITING), at + wait + span, CALENDAR)
    for share in definition.approaching:
        before, after = reached(clock, share, CALENDAR), reached(later, share, CALENDAR)
        assert after == before if before <= at + wait else after >= before
        assert after <= later.due or definition.unit == "calendar_days"


@given(definitions(), moments)
@example(CITY.clock("acceptance"), datetime.fromisoformat("2026-12-30T02:00:00+00:00"))
def test_computing_again_by_the_same_calendar_changes_nothing_and_there_and_back_neither(
    definition: Clock, at: datetime
) -> None:
    clock = start(definition, at, CALENDAR)
    assert recomputed(clock, CALENDAR) == clock
    assert recomputed(recomputed(clock, LATER), CALENDAR) == clock
    if not clock.provisional:
        assert recomputed(clock, LATER) == clock, "what is certain is not moved by a later notice"
