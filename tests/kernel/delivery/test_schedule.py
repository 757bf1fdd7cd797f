"""The schedule: bounds that hold for every number of tries, every draw and every Retry-After."""

import math
import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.kernel.delivery import schedule

NOW = datetime(2026, 9, 30, tzinfo=UTC)


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_longest_wait_never_shrinks(one: int, other: int) -> None:
    assert schedule.step(min(one, other)) <= schedule.step(max(one, other))


@given(st.integers(0, 200), st.randoms(use_true_random=False))
def test_a_wait_stays_within_its_step(attempts: int, chance: random.Random) -> None:
    wait = schedule.wait(attempts, chance).total_seconds()
    assert 0 <= wait <= schedule.step(attempts) <= 4 * 3600


@given(st.integers(1, 50), st.floats(allow_nan=True), st.randoms(use_true_random=False))
def test_retry_after_is_honoured_for_at_most_an_hour(
    attempts: int, retry_after: float, chance: random.Random
) -> None:
    wait = schedule.wait(attempts, chance, retry_after).total_seconds()
    if not math.isnan(retry_after):
        assert wait >= min(retry_after, 3600.0) - 1e-6  # a timedelta counts microseconds
    assert wait <= max(schedule.step(attempts), 3600.0)


@given(st.randoms(use_true_random=False))
def test_three_refusals_fit_into_an_hour_and_then_it_is_over(chance: random.Random) -> None:
    waits = [schedule.wait_refused(refusals, chance) for refusals in (1, 2, 3)]
    assert waits[2] is None
    assert sum((wait for wait in waits if wait is not None), timedelta()) <= timedelta(hours=1)


@given(st.timedeltas(timedelta(), timedelta(days=3)), st.integers(0, 10_000))
def test_questions_come_after_ten_seconds_and_at_least_hourly(age: timedelta, questions: int) -> None:
    assert schedule.ASK_AFTER <= schedule.ask_again(age, questions) <= timedelta(hours=1)


def test_the_wait_before_a_question_doubles_with_the_questions_not_with_our_own_absence() -> None:
    age = timedelta(days=1)
    waits = [schedule.ask_again(age, questions).total_seconds() for questions in range(1, 11)]
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    assert schedule.ask_again(timedelta(seconds=15), 9) == timedelta(seconds=15)


def test_the_tries_of_a_request_span_from_now_to_seventy_six_hours() -> None:
    assert schedule.step(0) == 0
    assert [schedule.step(n) for n in range(1, 9)] == [5, 30, 120, 600, 1800, 3600, 7200, 14400]
    assert schedule.step(30) == 4 * 3600
    assert schedule.give_up_at(NOW, None) - NOW == timedelta(hours=76)
    assert schedule.give_up_at(NOW, NOW) == NOW


def test_an_urgent_request_is_looked_at_after_half_an_hour_or_at_its_end() -> None:
    late = NOW + timedelta(hours=76)
    assert schedule.watch_at(NOW, True, late) == NOW + timedelta(minutes=30)
    assert schedule.watch_at(NOW, True, NOW + timedelta(minutes=5)) == NOW + timedelta(minutes=5)
    assert schedule.watch_at(NOW, False, late) == late
