"""When a clock reminds, and when it says that it has run out."""

from datetime import datetime, timedelta

from services.domain.clock_acts import pause, resume, start
from services.domain.clock_course import Signal, next_signal
from services.domain.clocks import RunningClock
from tests.domain.nanjing_time import CALENDAR, due_of, local, minutes_of_service, running, shown

BEGAN = "2026-03-02 10:00"
OVER = local("2026-03-09 17:30")  # the end of acceptance, 5 working days
WAITING = "waiting_for_caller"


def signals(clock: RunningClock, after: datetime) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    signal = next_signal(clock, CALENDAR, after)
    while signal is not None:
        told.append((shown(signal.at), signal.kind))
        signal = None if signal.kind == "missed" else next_signal(clock, CALENDAR, signal.at)
    return told


def test_reminders_come_when_somebody_is_there() -> None:
    clock = running("acceptance", BEGAN)  # at 3 and 4 of 5 days: the close of the 5th and of the 6th
    assert signals(clock, clock.started_at) == [
        ("2026-03-06 08:30", "approaching"), ("2026-03-09 08:30", "approaching"),
        ("2026-03-10 08:30", "missed"),
    ]  # fmt: skip
    forwarding = running("petition_forwarding", "2026-09-16 10:00")  # at noon, and at midnight
    assert signals(forwarding, forwarding.started_at) == [
        ("2026-09-24 14:00", "approaching"), ("2026-09-29 08:30", "approaching"),
        ("2026-10-09 08:30", "missed"),
    ]  # fmt: skip


def test_an_urgent_case_and_plain_minutes_wait_for_nobody() -> None:
    acknowledgement = running("acknowledgement", "2026-02-15 23:42")
    assert signals(acknowledgement, acknowledgement.started_at) == [
        ("2026-02-15 23:47", "approaching"), ("2026-02-15 23:52", "missed"),
    ]  # fmt: skip
    urgent = running("acceptance", BEGAN, urgent=True)
    assert signals(urgent, urgent.started_at)[-1] == ("2026-03-09 17:30", "missed")


def test_a_pause_says_nothing_and_nothing_is_said_twice() -> None:
    clock = running("acceptance", BEGAN)
    reminded = next_signal(clock, CALENDAR, clock.started_at)
    assert reminded is not None
    paused = pause(clock, local("2026-03-06 09:00"), WAITING)
    assert next_signal(paused, CALENDAR, reminded.at) is None
    resumed = resume(paused, local("2026-03-11 09:00"), CALENDAR)
    assert due_of(resumed) == "2026-03-12 17:30"
    assert signals(resumed, reminded.at) == [
        ("2026-03-12 08:30", "approaching"), ("2026-03-13 08:30", "missed"),
    ]  # fmt: skip


def test_an_end_that_is_past_is_still_said() -> None:
    clock = running("acceptance", BEGAN)
    late = next_signal(clock, CALENDAR, OVER + timedelta(days=30))
    assert late == Signal(local("2026-03-10 08:30"), "missed", 1.0)


def test_minutes_of_service_stand_still_at_lunch_too() -> None:
    clock = start(minutes_of_service(90), local("2026-03-03 11:00"), CALENDAR)
    assert due_of(clock) == "2026-03-03 14:30"
    clock = resume(pause(clock, local("2026-03-03 11:30"), WAITING), local("2026-03-03 15:00"), CALENDAR)
    assert due_of(clock) == "2026-03-03 16:00"
    assert signals(clock, clock.started_at)[-1] == ("2026-03-03 16:00", "missed")
