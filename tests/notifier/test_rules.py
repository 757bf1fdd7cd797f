"""Who is told in which way, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from services.domain.hours import CallBacks, Hours, Quiet
from services.notifier.rules import (
    Contact,
    awake,
    hook_of,
    masked,
    may_disturb,
    national,
    next_attempt,
    reach_of,
)
from tests.notifier.bureau import CITY

HOURS = CITY.hours
URL = "https://app.example.org/cases?x=1"


def local(text: str) -> datetime:
    """A moment in Nanjing."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-01-26 20:59", "2026-01-26 20:59"),
        ("2026-01-26 21:00", "2026-01-27 08:00"),
        ("2026-01-26 23:59", "2026-01-27 08:00"),
        ("2026-01-27 00:00", "2026-01-27 08:00"),
        ("2026-01-27 07:59", "2026-01-27 08:00"),
        ("2026-01-27 08:00", "2026-01-27 08:00"),
        ("2026-12-31 22:00", "2027-01-01 08:00"),
    ],
)
def test_the_night_is_quiet_in_the_citys_own_time(at: str, then: str) -> None:
    assert awake(local(at), HOURS) == local(then)


def test_quiet_hours_within_a_day_end_the_same_day() -> None:
    hours = HOURS.model_copy(update={"quiet": Quiet.model_validate({"begins": "12:00", "ends": "14:00"})})
    assert awake(local("2026-01-26 12:30"), hours) == local("2026-01-26 14:00")
    assert awake(local("2026-01-26 23:00"), hours) == local("2026-01-26 23:00")


def test_an_urgent_case_may_disturb_at_any_hour() -> None:
    at = local("2026-01-26 23:00")
    assert may_disturb(at, True, HOURS) == at
    assert may_disturb(at, False, HOURS) == local("2026-01-27 08:00")


def test_the_next_attempt_is_two_hours_later_and_never_at_night() -> None:
    assert next_attempt(local("2026-01-26 10:00"), False, HOURS) == local("2026-01-26 12:00")
    assert next_attempt(local("2026-01-26 20:00"), False, HOURS) == local("2026-01-27 08:00")
    assert next_attempt(local("2026-01-26 20:00"), True, HOURS) == local("2026-01-26 22:00")


def test_a_city_lays_down_its_own_hours() -> None:
    hours = Hours.model_validate(
        {"zone": "Asia/Urumqi", "interval": [{"opens": "09:30", "closes": "13:00"}],
         "quiet": {"begins": "22:00", "ends": "10:00"}, "callback": {"attempts": 5, "hours_apart": 1}}
    )  # fmt: skip
    assert hours.callback == CallBacks(attempts=5, hours_apart=1)
    at = datetime(2026, 1, 26, 3, 0, tzinfo=UTC)  # 9:00 there, two hours after Nanjing's 11:00
    assert awake(at, hours) == at + timedelta(hours=1)


def test_quiet_hours_that_never_end_are_refused() -> None:
    with pytest.raises(ValueError, match="same"):
        Quiet.model_validate({"begins": "08:00", "ends": "08:00"})


@pytest.mark.parametrize(
    ("contact", "reach"),
    [
        (Contact(phone="+8613800138000", phone_kind="mobile"), "sms"),
        (Contact(phone="+862555550100", phone_kind="landline"), "call"),
        (Contact(phone="+85251234567", phone_kind="mobile"), "call"),
        (Contact(phone="+8613800138000", phone_kind="mobile", callback_url=URL, callback_client="a"), "sms"),
        (Contact(callback_url=URL, callback_client="a"), "web"),
        (Contact(callback_url=URL), None),
        (Contact(name="李某"), None),
    ],
)
def test_the_way_to_the_caller(contact: Contact, reach: str | None) -> None:
    assert reach_of(contact) == reach


@pytest.mark.parametrize(
    ("url", "hook"),
    [
        (URL, "webhook:app.example.org"),
        ("http://127.0.0.1:8080/x", "webhook:127.0.0.1"),
        ("https://[::1", None),
        ("nonsense", None),
    ],
)
def test_a_subscriber_is_a_destination_by_its_host_alone(url: str, hook: str | None) -> None:
    assert hook_of(Contact(callback_url=url, callback_client="city-app")) == hook


def test_only_the_last_four_digits_are_shown() -> None:
    assert masked("+8613851467290") == "**********7290"
    assert masked("123") == "123"


def test_a_number_is_written_as_it_is_dialled() -> None:
    assert national("+8613851467290").replace(" ", "") == "13851467290"
    assert national("+862555550100").replace(" ", "") == "02555550100"
    assert national("+85251234567") == "+852 5123 4567"
