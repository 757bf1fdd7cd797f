"""Golden values of every clock of Nanjing, as plain tables: start, what happened, end."""

import pytest

from services.domain.clock_acts import extend, meet, pause, resume
from services.domain.clock_course import recomputed
from services.domain.clocks import RunningClock
from tests.domain.nanjing_time import (
    CALENDAR,
    CITY,
    INVENTED_2027,
    due_of,
    known_until,
    local,
    running,
)

STARTED = [
    ("acknowledgement", "2026-02-15 23:42", "2026-02-15 23:52"),  # the eve of the holiday, at any hour
    ("acceptance_urgent", "2026-02-15 23:42", "2026-02-16 00:12"),
    ("acceptance", "2026-09-18 10:00", "2026-09-24 17:30"),  # Sunday the 20th is worked
    ("acceptance", "2026-09-21 10:00", "2026-09-29 17:30"),
    ("acceptance", "2026-09-30 10:00", "2026-10-13 17:30"),
    ("acceptance", "2026-02-13 10:00", "2026-02-27 17:30"),
    ("acceptance", "2026-04-30 16:59", "2026-05-11 17:30"),
    ("acceptance", "2026-12-25 10:00", "2027-01-04 17:30 provisional"),
    ("investigation", "2026-02-13 10:00", "2026-05-19 17:30"),
    ("investigation", "2026-11-02 10:00", "2027-01-26 17:30 provisional"),
    ("voicemail", "2026-09-18 20:15", "2026-09-22 17:30"),
    ("voicemail", "2026-12-30 10:00", "2027-01-05 17:30 provisional"),
    ("inquiry_reply", "2026-12-28 10:00", "2027-01-05 17:30 provisional"),
    ("informing", "2026-02-13 10:00", "2026-02-14 17:30"),  # Saturday the 14th is worked
    ("objection", "2026-05-08 10:00", "2026-05-14 17:30"),  # Saturday the 9th is worked
    ("petition_forwarding", "2026-09-18 10:00", "2026-10-08 17:30"),
    ("petition_notice", "2026-01-31 10:00", "2026-02-24 17:30"),
    ("petition_notice", "2026-09-05 10:00", "2026-09-20 17:30"),
    ("petition", "2026-11-05 10:00", "2027-01-04 17:30 provisional"),
    ("petition", "2026-03-02 10:00", "2026-05-06 17:30"),  # 1 May
]
STOOD_STILL = [
    # started, paused, resumed, end: acceptance, 5 working days, without a pause 2026-03-09
    (
        "2026-03-02 10:00",
        "2026-03-03 10:00",
        "2026-03-03 11:00",
        "2026-03-10 17:30",
    ),  # an hour: the sum is rounded up
    ("2026-03-02 10:00", "2026-03-03 08:30", "2026-03-04 17:30", "2026-03-11 17:30"),  # two days
    ("2026-03-02 10:00", "2026-03-03 18:00", "2026-03-04 08:00", "2026-03-09 17:30"),  # a night is nothing
    ("2026-03-02 10:00", "2026-03-03 12:00", "2026-03-03 14:00", "2026-03-09 17:30"),  # nor is lunch
    ("2026-03-02 10:00", "2026-03-06 17:30", "2026-03-08 20:00", "2026-03-09 17:30"),  # nor a weekend
    (
        "2026-03-02 10:00",
        "2026-03-02 10:05",
        "2026-03-02 17:00",
        "2026-03-09 17:30",
    ),  # nor the day of the start
    ("2026-03-02 10:00", "2026-03-02 10:05", "2026-03-04 12:00", "2026-03-11 17:30"),
    (
        "2026-03-02 10:00",
        "2026-03-09 17:29",
        "2026-03-13 18:00",
        "2026-03-16 17:30",
    ),  # the last minute is left
    ("2026-03-02 10:00", "2026-03-03 10:00", "2027-01-05 10:00", "2027-01-11 17:30 provisional"),
]
EXTENDED = [
    ("investigation", "2026-02-13 10:00", None, "2026-07-01 17:30"),
    ("investigation", "2026-02-13 10:00", 5, "2026-05-26 17:30"),
    ("petition", "2026-11-05 10:00", None, "2027-02-03 17:30 provisional"),
    ("petition", "2026-03-02 10:00", 15, "2026-05-18 17:30"),  # 16 May is a Saturday
]
PUBLISHED = [
    # while the notice of that year was the last one, and when the next was out
    ("voicemail", "2018-12-26 10:00", 2018, "2018-12-31 17:30 provisional", "2018-12-29 17:30"),
    ("acceptance", "2018-12-25 10:00", 2018, "2019-01-02 17:30 provisional", "2019-01-02 17:30"),
    ("petition_forwarding", "2018-12-14 10:00", 2018, "2018-12-31 17:30 provisional", "2018-12-29 17:30"),
    ("acceptance", "2025-01-20 10:00", 2024, "2025-01-27 17:30 provisional", "2025-01-26 17:30"),
    ("voicemail", "2026-02-12 10:00", 2025, "2026-02-23 17:30 provisional", "2026-02-24 17:30"),
    ("acceptance", "2026-09-30 10:00", 2025, "2026-10-12 17:30 provisional", "2026-10-13 17:30"),
    ("acknowledgement", "2026-02-15 23:42", 2025, "2026-02-15 23:52", "2026-02-15 23:52"),
]


@pytest.mark.parametrize(("clock_id", "at", "due"), STARTED)
def test_a_clock_ends_where_the_table_says(clock_id: str, at: str, due: str) -> None:
    assert due_of(running(clock_id, at)) == due


def test_no_clock_of_the_city_is_left_out() -> None:
    assert {row[0] for row in STARTED} == {clock.id for clock in CITY.clocks}


@pytest.mark.parametrize(("started", "paused", "resumed", "due"), STOOD_STILL)
def test_what_a_clock_stood_still_is_not_counted(started: str, paused: str, resumed: str, due: str) -> None:
    clock = pause(running("acceptance", started), local(paused), "waiting_for_caller")
    assert due_of(clock) == "2026-03-09 17:30", "known only when it goes on"
    assert due_of(resume(clock, local(resumed), CALENDAR)) == due


@pytest.mark.parametrize(
    ("again", "resumed", "due"),
    [
        ("2026-03-10 15:00", "2026-03-10 16:00", "2026-03-10 17:30"),
        ("2026-03-10 15:00", "2026-03-11 10:00", "2026-03-11 17:30"),
        ("2026-03-10 15:00", "2026-03-11 20:00", "2026-03-12 17:30"),
        ("2026-03-10 09:00", "2026-03-10 12:00", "2026-03-10 17:30"),  # five hours and a half in all: one day
        ("2026-03-10 09:00", "2026-03-10 17:00", "2026-03-11 17:30"),  # nine hours in all: two days
    ],
)
def test_pauses_add_up_before_they_are_rounded(again: str, resumed: str, due: str) -> None:
    clock = pause(running("acceptance", "2026-03-02 10:00"), local("2026-03-03 09:30"), "waiting_for_caller")
    clock = resume(clock, local("2026-03-03 12:00"), CALENDAR)
    assert due_of(clock) == "2026-03-10 17:30", "two hours and a half: one day"
    clock = resume(pause(clock, local(again), "waiting_for_caller"), local(resumed), CALENDAR)
    assert due_of(clock) == due


@pytest.mark.parametrize(("clock_id", "started", "amount", "due"), EXTENDED)
def test_an_approved_extension_is_added_to_the_period(
    clock_id: str, started: str, amount: int | None, due: str
) -> None:
    clock = running(clock_id, started)
    longer = extend(clock, clock.started_at, "20001", "complex_case", CALENDAR, amount)
    assert due_of(longer) == due


@pytest.mark.parametrize(("clock_id", "started", "year", "before", "after"), PUBLISHED)
def test_a_provisional_end_is_settled_when_the_year_is_published(
    clock_id: str, started: str, year: int, before: str, after: str
) -> None:
    clock = running(clock_id, started, known_until(year))
    assert due_of(clock) == before
    settled = recomputed(clock, known_until(year + 1))
    assert due_of(settled) == after
    assert recomputed(settled, known_until(year + 1)) == settled


def test_a_pause_and_an_extension_are_kept_when_a_year_is_published() -> None:
    clock = pause(running("acceptance", "2026-12-28 10:00"), local("2026-12-29 08:30"), "waiting_for_caller")
    clock = resume(clock, local("2027-01-29 17:30"), CALENDAR)
    assert due_of(clock) == "2027-02-11 17:30 provisional"  # 5 to 10 February are estimated to be off
    assert (
        due_of(recomputed(clock, known_until(2026, INVENTED_2027))) == "2027-02-04 17:30"
    )  # Sunday 31 January is worked
    longer = extend(
        running("investigation", "2026-11-02 10:00"), local("2026-11-03 10:00"), "1", "other", CALENDAR
    )
    assert due_of(longer) == "2027-03-15 17:30 provisional"
    assert due_of(recomputed(longer, known_until(2026, INVENTED_2027))) == "2027-03-15 17:30"


def test_a_clock_that_is_over_is_not_computed_again() -> None:
    clock = running("voicemail", "2018-12-26 10:00", known_until(2018))
    over = meet(clock, local("2018-12-27 10:00"), CALENDAR)
    assert recomputed(over, known_until(2019)) == over


def test_a_city_that_shortens_a_period_moves_no_clock_that_runs() -> None:
    clock = running("acceptance", "2026-09-30 10:00")
    shorter = CITY.clock("acceptance").model_copy(update={"amount": 2})
    later = RunningClock(shorter, clock.amount, clock.started_at, clock.due, clock.provisional)
    assert due_of(recomputed(later, CALENDAR)) == "2026-10-13 17:30"
