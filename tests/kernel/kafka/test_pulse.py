"""A consumer whose fetching ended in silence returns nothing for ever: its polls stand still."""

from services.kernel.kafka.pulse import JOINING, Pulse

SILENCE = 30


def test_an_idle_consumer_that_polls_is_alive() -> None:
    pulse = Pulse(0, SILENCE)
    pulse.moving(0)
    for second in range(200):
        pulse.beat({0: second, 1: second}, second)
    assert not pulse.stopped(200)
    assert not pulse.silent(200)


def test_one_partition_that_is_no_longer_polled_is_found_after_thirty_seconds() -> None:
    pulse = Pulse(0, SILENCE)
    pulse.moving(0)
    for second in range(100):
        pulse.beat({0: second, 1: min(second, 60)}, second)
        assert pulse.stopped(second) is (second > 60 + SILENCE)


def test_a_partition_that_was_never_polled_is_found_too() -> None:
    pulse = Pulse(0, SILENCE)
    pulse.moving(0)
    for second in range(40):
        pulse.beat({0: None}, second)
    assert pulse.stopped(40)


def test_a_member_without_partitions_is_alive() -> None:
    pulse = Pulse(0, SILENCE)
    pulse.moving(0)
    pulse.beat({}, 100)
    assert not pulse.stopped(100)


def test_a_caller_that_has_enough_is_no_sign_of_death() -> None:
    pulse = Pulse(0, SILENCE)
    pulse.moving(0)
    pulse.rest()
    assert not pulse.stopped(500)
    assert not pulse.silent(500)
    pulse.moving(500)
    assert not pulse.stopped(501)


def test_a_group_that_shares_out_its_partitions_gets_longer() -> None:
    pulse = Pulse(0, SILENCE)
    pulse.moving(0)
    pulse.joining(10)
    assert not pulse.stopped(10 + SILENCE + 1)
    assert pulse.stopped(10 + JOINING + 1)


def test_silence_goes_on_over_consumers_that_never_came_to_poll() -> None:
    pulse = Pulse(0, SILENCE)
    pulse.moving(0)
    for second in (10, 20, 30, 40):
        pulse.joining(second)
    assert pulse.silent(41)
    assert not pulse.stopped(41)
