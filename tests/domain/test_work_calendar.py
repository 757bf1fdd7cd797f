"""Working days, lunch breaks and make-up Sundays; golden values first, then what always holds."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.domain.hours import Hours
from services.domain.published_years import packaged
from services.domain.refusals import Refusal
from services.domain.work_calendar import WorkCalendar
from tests.domain.nanjing_time import CALENDAR, CITY, INVENTED_2027, known_until, local, moments, said, shown

WORKING_DAYS = [
    ("2026-09-18 10:00", 3, "2026-09-22 17:30"),  # Sunday the 20th is worked
    ("2026-09-30 10:00", 5, "2026-10-13 17:30"),
    ("2026-12-30 10:00", 3, "2027-01-05 17:30 provisional"),
    ("2026-09-18 23:59", 3, "2026-09-22 17:30"),  # still Friday, although the next day in no zone
    ("2026-09-19 00:30", 3, "2026-09-22 17:30"),  # Saturday: not the Friday that UTC says
    ("2026-09-21 00:30", 1, "2026-09-22 17:30"),  # Monday: not the Sunday that UTC says
    ("2026-02-13 10:00", 1, "2026-02-14 17:30"),  # a Saturday worked before Spring Festival
    ("2026-02-14 10:00", 1, "2026-02-24 17:30"),
    ("2026-02-20 10:00", 1, "2026-02-24 17:30"),  # received in the middle of the holiday
    ("2026-02-24 10:00", 5, "2026-03-02 17:30"),
    ("2026-02-13 10:00", 60, "2026-05-19 17:30"),
    ("2026-04-30 10:00", 5, "2026-05-11 17:30"),
    ("2026-10-09 18:00", 1, "2026-10-10 17:30"),
    ("2026-12-23 10:00", 1, "2026-12-24 17:30"),
    ("2026-12-24 10:00", 1, "2026-12-25 17:30 provisional"),  # the notice for 2027 may still touch it
    ("2025-12-31 10:00", 1, "2026-01-04 17:30"),
    ("2022-12-30 10:00", 1, "2023-01-03 17:30"),
]
CALENDAR_DAYS = [
    ("2026-09-18 10:00", 15, "2026-10-08 17:30"),  # 3 October is off
    ("2026-01-31 10:00", 15, "2026-02-24 17:30"),
    ("2026-09-05 10:00", 15, "2026-09-20 17:30"),  # a Sunday that is worked
    ("2026-03-02 00:30", 15, "2026-03-17 17:30"),
    ("2026-11-02 10:00", 60, "2027-01-04 17:30 provisional"),
    ("2026-11-05 10:00", 60, "2027-01-04 17:30 provisional"),
]
WORK_MINUTES = [
    ("2026-09-30 17:00", 60, "2026-10-08 09:00"),
    ("2026-02-14 11:45", 30, "2026-02-14 14:15"),
    (
        "2026-02-14 11:45",
        15,
        "2026-02-14 12:00",
    ),  # the end of the morning, not the beginning of the afternoon
    ("2026-02-14 12:30", 30, "2026-02-14 14:30"),
    ("2026-02-14 17:30", 1, "2026-02-24 08:31"),
    ("2026-09-19 10:00", 420, "2026-09-20 17:30"),
    ("2026-09-18 08:30", 421, "2026-09-20 08:31"),
    ("2026-12-31 17:00", 60, "2027-01-04 09:00 provisional"),
]
OPENINGS = [
    ("2026-09-18 08:29", "2026-09-18 08:30"),
    ("2026-09-18 08:30", "2026-09-18 08:30"),
    ("2026-09-18 11:59", "2026-09-18 11:59"),
    ("2026-09-18 12:00", "2026-09-18 14:00"),
    ("2026-09-18 17:30", "2026-09-20 08:30"),
    ("2026-02-15 23:42", "2026-02-24 08:30"),
    ("2026-10-01 00:00", "2026-10-08 08:30"),
]
LAID_OUT = st.dates(date(2004, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(("start", "days", "due"), WORKING_DAYS)
def test_working_days_end_with_the_service_of_the_last(start: str, days: int, due: str) -> None:
    assert said(CALENDAR.add_working_days(local(start), days)) == due


@pytest.mark.parametrize(("start", "days", "due"), CALENDAR_DAYS)
def test_calendar_days_end_on_a_day_that_is_worked(start: str, days: int, due: str) -> None:
    assert said(CALENDAR.add_calendar_days(local(start), days)) == due


@pytest.mark.parametrize(("start", "minutes", "due"), WORK_MINUTES)
def test_minutes_of_service_know_lunch_nights_and_holidays(start: str, minutes: int, due: str) -> None:
    assert said(CALENDAR.add_work_minutes(local(start), minutes)) == due


@pytest.mark.parametrize(("at", "opening"), OPENINGS)
def test_the_next_opening_is_now_or_when_people_answer_again(at: str, opening: str) -> None:
    assert shown(CALENDAR.next_open(local(at))) == opening


def test_minutes_between_are_minutes_of_service() -> None:
    between = CALENDAR.work_minutes_between
    assert between(local("2026-09-30 17:00"), local("2026-10-08 09:00")) == 60
    assert between(local("2026-09-18 11:00"), local("2026-09-18 15:00")) == 120
    assert between(local("2026-10-01 00:00"), local("2026-10-08 00:00")) == 0
    assert between(local("2026-09-18 15:00"), local("2026-09-18 11:00")) == 0


def test_a_day_says_whether_it_is_worked_and_how_certain_that_is() -> None:
    assert CALENDAR.day(date(2026, 9, 20)) == (True, False)
    assert CALENDAR.day(date(2026, 10, 1)) == (False, False)
    assert CALENDAR.day(date(2027, 2, 8)) == (False, True)
    assert CALENDAR.day(date(2026, 12, 31)) == (True, True)


@pytest.mark.parametrize("at", ["2003-12-30 12:00", "2051-01-01 12:00"])
def test_a_day_that_is_not_laid_out_is_refused(at: str) -> None:
    for ask in (CALENDAR.next_open, lambda moment: CALENDAR.add_working_days(moment, 1)):
        with pytest.raises(Refusal) as refused:
            ask(local(at))
        assert refused.value.code == "outside-calendar"


def test_a_notice_moves_what_was_provisional_earlier_or_later() -> None:
    start = local("2018-12-28 10:00")
    assert said(known_until(2018).add_working_days(start, 1)) == "2018-12-31 17:30 provisional"
    assert said(known_until(2019).add_working_days(start, 1)) == "2018-12-29 17:30"
    start = local("2026-02-13 10:00")
    assert said(known_until(2025).add_working_days(start, 2)) == "2026-02-23 17:30 provisional"
    assert said(known_until(2026).add_working_days(start, 2)) == "2026-02-24 17:30"
    start = local("2026-12-30 10:00")
    assert said(known_until(2026, INVENTED_2027).add_working_days(start, 3)) == "2027-01-05 17:30"


def test_a_citys_own_days_count_and_its_other_hours_too() -> None:
    table = CITY.hours.model_dump()
    day = {"zh": "三月三", "en": "Sanyuesan", "source": "自治区人民政府规定"}
    table["closed"] = [day | {"day": date(2026, 4, 20)}]
    table["open"] = [day | {"day": date(2026, 4, 19)}]
    table["interval"] = [{"opens": "09:00", "closes": "17:00"}]
    calendar = WorkCalendar.of(Hours.model_validate(table), packaged())
    assert said(calendar.add_working_days(local("2026-04-17 10:00"), 2)) == "2026-04-21 17:00"
    assert said(calendar.add_work_minutes(local("2026-04-17 16:30"), 60)) == "2026-04-19 09:30"
    assert calendar.fingerprint != CALENDAR.fingerprint


def test_the_fingerprint_tells_when_clocks_must_be_computed_again() -> None:
    assert known_until(2026).fingerprint == CALENDAR.fingerprint
    assert (
        len(
            {
                known_until(2025).fingerprint,
                CALENDAR.fingerprint,
                known_until(2026, INVENTED_2027).fingerprint,
            }
        )
        == 3
    )


@given(LAID_OUT, st.integers(1, 90))
@example(date(2005, 12, 30), 1)
def test_counting_day_by_day_gives_the_same(day: date, days: int) -> None:
    start, left = datetime(day.year, day.month, day.day, 4, tzinfo=UTC), days
    while left and day < date(2026, 12, 24):
        day += timedelta(days=1)
        left -= chinese_calendar.is_workday(day) or day == date(2005, 12, 31)
    if not left:
        assert said(CALENDAR.add_working_days(start, days)) == f"{day} 17:30"


@given(moments, st.integers(1, 100), st.integers(1, 5000))
def test_an_end_is_later_with_every_day_and_never_at_night(at: datetime, days: int, minutes: int) -> None:
    for add, amount in (
        (CALENDAR.add_working_days, days),
        (CALENDAR.add_calendar_days, days),
        (CALENDAR.add_work_minutes, minutes),
    ):
        end, later = add(at, amount).at, add(at, amount + 1).at
        assert at < end <= later
        assert CALENDAR.service_between(end - timedelta(microseconds=1), end), "somebody is there until then"
    assert CALENDAR.add_working_days(at, days).at < CALENDAR.add_working_days(at, days + 1).at


@given(moments, st.timedeltas(timedelta(microseconds=1), timedelta(days=40)))
def test_a_span_of_service_added_is_a_span_of_service_between(at: datetime, span: timedelta) -> None:
    end = CALENDAR.after_service(at, span).at
    assert CALENDAR.service_between(at, end) == span
    assert CALENDAR.service_between(at, end - timedelta(microseconds=1)) < span


@given(moments)
def test_nothing_is_served_before_the_next_opening(at: datetime) -> None:
    opening = CALENDAR.next_open(at)
    assert opening >= at
    assert not CALENDAR.service_between(at, opening)
    assert CALENDAR.service_between(opening, opening + timedelta(microseconds=1))


@given(moments, moments)
def test_a_later_start_never_ends_earlier(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert CALENDAR.add_working_days(first, 5) <= CALENDAR.add_working_days(second, 5)
    assert CALENDAR.add_calendar_days(first, 15) <= CALENDAR.add_calendar_days(second, 15)
    assert CALENDAR.add_work_minutes(first, 60) <= CALENDAR.add_work_minutes(second, 60)
