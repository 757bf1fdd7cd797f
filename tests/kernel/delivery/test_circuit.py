"""The circuit as a table of states, and the retry budget as a bucket that nothing can overdraw."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.kernel.delivery import circuit
from services.kernel.delivery.circuit import Destination, after_failure, after_success, room

NOW = datetime(2026, 9, 30, tzinfo=UTC)
FRESH = Destination("gulou", NOW)


def failing(times: int, seen: Destination = FRESH) -> Destination:
    for _ in range(times):
        seen = after_failure(seen, NOW)
    return seen


def test_four_failures_are_borne_and_the_fifth_opens_the_circuit_for_half_a_minute() -> None:
    assert room(failing(4), 0, 4, NOW) == 4
    opened = failing(5)
    assert opened.open_until == NOW + timedelta(seconds=30)
    assert room(opened, 0, 4, NOW) == 0


def test_more_than_half_of_the_last_twenty_opens_it_although_never_five_in_a_row() -> None:
    seen = FRESH
    for outcome in "+--" * 6 + "+":
        seen = after_failure(seen, NOW) if outcome == "-" else after_success(seen)
    assert seen.open_until is None  # nineteen seen
    assert after_failure(seen, NOW).open_until is not None


def test_half_of_the_last_twenty_is_borne() -> None:
    seen = FRESH
    for outcome in "+-" * 30:
        seen = after_failure(seen, NOW) if outcome == "-" else after_success(seen)
    assert seen.open_until is None


def test_when_the_time_is_over_one_probe_goes() -> None:
    opened = failing(5)
    later = NOW + timedelta(seconds=30)
    assert room(opened, 0, 4, later) == 1
    assert room(opened, 1, 4, later) == 0


def test_a_probe_that_fails_doubles_the_time_up_to_a_quarter_of_an_hour() -> None:
    opened, waits = failing(5), []
    for _ in range(7):
        assert opened.open_until is not None
        opened = after_failure(opened, opened.open_until)
        waits.append(opened.open_seconds)
    assert waits == [60, 120, 240, 480, 900, 900, 900]


def test_what_was_under_way_when_it_opened_does_not_double_it() -> None:
    opened = failing(5)
    assert after_failure(opened, NOW + timedelta(seconds=29)) == opened


def test_a_probe_that_succeeds_closes_it_and_forgets() -> None:
    closed = after_success(failing(5))
    assert closed == FRESH


def test_a_disabled_destination_has_no_room_until_an_operator_opens_it() -> None:
    gone = circuit.disabled(failing(5), circuit.GONE)
    assert room(gone, 0, 4, NOW + timedelta(days=1)) == 0
    assert room(circuit.opened_again(gone, NOW), 0, 4, NOW) == 4


def test_a_destination_may_have_a_limit_of_its_own() -> None:
    assert room(replace(FRESH, max_inflight=32), 2, 4, NOW) == 30


def test_a_clock_that_steps_back_neither_fills_nor_empties_the_budget() -> None:
    empty = replace(FRESH, tokens=0.5)
    assert circuit.filled(empty, NOW - timedelta(minutes=10)).tokens == 0.5


@given(st.lists(st.tuples(st.sampled_from(["first", "retry", "back"]), st.floats(0, 3))))
def test_the_budget_never_exceeds_a_tenth_of_first_tries_and_one_a_second(
    steps: list[tuple[str, float]],
) -> None:
    seen, now, firsts, retries, given_back = FRESH, NOW, 0, 0, 0
    for what, seconds in steps:
        now += timedelta(seconds=seconds)
        seen = circuit.filled(seen, now)
        if what == "back":
            seen, given_back = circuit.give_back(seen), given_back + 1
        elif (spent := circuit.spend(seen, now, first=what == "first")) is not None:
            seen, firsts, retries = spent, firsts + (what == "first"), retries + (what == "retry")
        assert 0 <= seen.tokens <= circuit.TOKENS_MOST
    allowed = circuit.TOKENS_MOST + (now - NOW).total_seconds() + 0.1 * firsts + given_back
    assert retries <= allowed + 1e-6


def test_an_empty_budget_tells_when_the_next_retry_may_go() -> None:
    assert circuit.next_token_at(replace(FRESH, tokens=0.25)) == NOW + timedelta(seconds=0.75)
